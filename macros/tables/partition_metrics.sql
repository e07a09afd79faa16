{% macro partition_metrics(partitions) -%}
    {{ return(mallard._sql(adapter.dispatch('partition_metrics', 'mallard')(partitions))) }}
{%- endmacro %}

{# Every row of a partition says the same about the whole of it; only the smallest segment has to be looked for. #}
{% macro default__partition_metrics(partitions) -%}
    select
        {%- for column in mallard._table('metrics').columns if column != 'version' %}
        {%- if column == 'n_clusters' %}
        n_clusters as "n_clusters"
        {%- elif column == 'smallest_segment' %}
        cast(min(weight) as bigint) as "smallest_segment"
        {%- else %}
        any_value({{ column }}) as "{{ column }}"
        {%- endif -%}
        {{ ',' if not loop.last }}
        {%- endfor %}
    from {{ partitions }}
    group by n_clusters
    order by n_clusters asc
{%- endmacro %}
