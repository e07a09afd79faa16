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
    {%- for version in (stored.groups or {none: stored}).values() -%}
        {%- for of in version.features -%} {%- do sizes.update({of.name: of.size}) -%} {%- endfor -%}
    {%- endfor -%}
    {%- if not stored.groups -%}
        {{ return(mallard._with_scaled_features(mallard._scaled_by(segmentation, stored), columns, sizes, stored.features)) }}
    {%- endif -%}
    {%- set queries = [] -%}
    {%- for group, version in stored.groups.items() -%}
        {%- set scaled = mallard._scaled_by('(select * from ' ~ segmentation ~ ' where ' ~ mallard._is_of_group(group) ~ ')', version) -%}
        {%- do queries.append(mallard._with_scaled_features(scaled, columns, sizes, version.features)) -%}
    {%- endfor -%}
    {%- set of_none = 'select * from ' ~ segmentation ~ ' where "group" is null' -%}
    {%- do queries.append(mallard._with_scaled_features(of_none, columns, sizes, [])) -%}
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
