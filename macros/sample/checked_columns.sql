{% macro checked_columns(columns, needed, source) -%}
    {{ return(adapter.dispatch('checked_columns', 'mallard')(columns, needed, source)) }}
{%- endmacro %}

{% macro default__checked_columns(columns, needed, source) -%}
    {%- if columns is not mapping or columns | sort != needed | sort -%}
        {%- set remedy = 'give a heading for each of ' ~ needed | join(', ') ~ ', and for nothing else' -%}
        {%- do mallard._refuse('mallard_columns', columns, remedy) -%}
    {%- endif -%}
    {#- In unit tests dbt gives no graph, and no relation to look at. -#}
    {%- if execute and graph.nodes and load_relation(source) -%}
        {%- set found = adapter.get_columns_in_relation(mallard._with_all_rows(source)) | map(attribute='name') | list -%}
        {%- for ours, theirs in columns.items() if theirs not in found -%}
            {%- if found | length == 1 -%}
                {%- do mallard._refuse(
                    'mallard_columns',
                    {ours: theirs},
                    source.identifier ~ " has one column, '" ~ found[0] ~ "'; if the file has another delimiter than a comma, set "
                    ~ 'mallard_delimiter to it'
                ) -%}
            {%- endif -%}
            {%- set remedy = source.identifier ~ ' has no such column; name one of ' ~ found | join(', ') -%}
            {%- do mallard._refuse('mallard_columns', {ours: theirs}, remedy) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set quoted = {} -%}
    {%- for ours, theirs in columns.items() -%} {%- do quoted.update({ours: mallard._sql(mallard._quoted(theirs))}) -%} {%- endfor -%}
    {{ return(quoted) }}
{%- endmacro %}
