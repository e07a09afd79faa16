{% macro check_some_are_usable(judged, seed_name) -%}
    {{ return(adapter.dispatch('check_some_are_usable', 'mallard')(judged, seed_name)) }}
{%- endmacro %}

{# In unit tests dbt gives no graph, and no relation to look at; with --empty there are no rows to look at. #}
{% macro default__check_some_are_usable(judged, seed_name) -%}
    {%- if execute and graph.nodes and not flags.EMPTY and load_relation(judged) -%}
        {%- set query -%}
            select
                reason as "reason",
                count(*) as "n_rows",
                (select count(*) from {{ judged }}) as "n_all",
                (select count(*) from {{ judged }} where reject_reason is null) as "n_usable"
            from (select unnest(string_split(reject_reason, '; ')) as reason from {{ judged }})
            group by 1
            order by 2 desc, 1 asc
        {%- endset -%}
        {%- set reasons = [] -%}
        {%- for row in mallard._query(query) if row['n_usable'] == 0 -%}
            {%- do reasons.append(row['reason'] ~ ' (' ~ row['n_rows'] ~ ' of ' ~ row['n_all'] ~ ' rows)') -%}
        {%- endfor -%}
        {%- if reasons -%}
            {%- do mallard._stop(
                'no row of ' ~ seed_name ~ ' can be used: ' ~ reasons | join('; ')
                ~ '. Correct the file; stg_mall__rejected_customers lists its rows.'
            ) -%}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
