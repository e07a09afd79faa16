{% macro scaled(segmentation) -%}
    {{ return(mallard._sql(adapter.dispatch('scaled', 'mallard')(segmentation))) }}
{%- endmacro %}

{# As the version that gave the segments scales. Columns of the customers that begin like scaled features would be taken for some. #}
{% macro default__scaled(segmentation) -%}
    {%- set stored = mallard.stored_version(segmentation) -%}
    {%- if stored is none -%}
        {{ return('select * from ' ~ segmentation ~ ' where false') }}
    {%- endif -%}
    {%- set columns = [] -%}
    {%- for column in adapter.get_columns_in_relation(segmentation) if not column.name.lower().startswith('scaled_') -%}
        {%- do columns.append(mallard._quoted(column.name)) -%}
    {%- endfor -%}
    {%- for of in stored.features -%}
        {%- do columns.append(mallard._quoted('mallard__scaled_' ~ of.name) ~ ' as ' ~ mallard._quoted('scaled_' ~ of.name)) -%}
    {%- endfor -%}
    select
        {{ columns | join(',\n        ') }}
    from ({{ mallard._scaled_by(segmentation, stored) }})
{%- endmacro %}
