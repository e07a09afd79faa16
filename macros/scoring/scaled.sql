{% macro scaled(segmentation) -%}
    {{ return(mallard._sql(adapter.dispatch('scaled', 'mallard')(segmentation))) }}
{%- endmacro %}

{# As the version that gave the segments scales. Columns of the customers that begin like scaled features would be taken for some. #}
{% macro default__scaled(segmentation) -%}
    {%- set stored = mallard.stored_version(segmentation) -%}
    {%- if stored is none -%}
        {{ return('select * from ' ~ segmentation ~ ' where false') }}
    {%- endif -%}
    {%- set columns, sizes = [], {} -%}
    {%- for column in adapter.get_columns_in_relation(segmentation) if not column.name.lower().startswith('scaled_') -%}
        {%- do columns.append(mallard._quoted(column.name)) -%}
    {%- endfor -%}
    {%- set parts, queries = mallard._stored_parts(segmentation, stored), [] -%}
    {%- for part in parts -%}
        {%- for of in part.stored.features -%} {%- do sizes.update({of.name: of.size}) -%} {%- endfor -%}
    {%- endfor -%}
    {%- for part in parts -%}
        {%- set scaled = mallard._scaled_by(part.customers, part.stored) -%}
        {%- do queries.append(mallard._with_scaled_features(scaled, columns, sizes, part.stored.features)) -%}
    {%- endfor -%}
    {%- if stored.groups -%}
        {%- set of_none = 'select * from ' ~ segmentation ~ ' where "group" is null' -%}
        {%- do queries.append(mallard._with_scaled_features(of_none, columns, sizes, [])) -%}
    {%- endif -%}
    {{ return(queries | join('\n    union all\n    ')) }}
{%- endmacro %}

{# Scaled customers with these columns, and a column for each feature, which is null where a group lacks it. #}
{% macro _with_scaled_features(scaled, columns, sizes, features) -%}
    {%- set known, selected = features | map(attribute='name') | list, columns | list -%}
    {%- for name, size in sizes.items() -%}
        {%- set missing = mallard._double(none, 'double[' ~ size ~ ']' if size else 'double') -%}
        {%- set value = mallard._quoted('mallard__scaled_' ~ name) if name in known else missing -%}
        {%- do selected.append(value ~ ' as ' ~ mallard._quoted('scaled_' ~ name)) -%}
    {%- endfor -%}
    select
        {{ selected | join(',\n        ') }}
    from ({{ scaled }})
{%- endmacro %}
