{# What a build does before it segments a group: it shows the customers of the group in place of all, and what is there of the builds before. #}
{% macro _begin_group(group, whole) -%}
    {%- do mallard._speak_of(group.group) -%}
    {%- set statements = [
        'create or replace temp table mallard__customers as select * exclude (mallard__group) from mallard__everybody where mallard__group = '
        ~ group.number
    ] -%}
    {%- set taken = {} -%}
    {%- for name in mallard._tables_beside() if group.history -%}
        {%- set is_of_versions = mallard._table(name).keeps == 'versions' or mallard._table(name).made_by == 'fit' -%}
        {%- set source = mallard._own_table_beside(whole.history if is_of_versions else whole.segmentation, name) -%}
        {%- if load_cached_relation(source) -%} {%- do taken.update({name: source}) -%} {%- endif -%}
    {%- endfor -%}
    {%- do taken.update(before=whole.built) if group.built -%}
    {%- for name, source in taken.items() -%}
        {%- set table = mallard._own_table_beside(group.segmentation, name) -%}
        {%- do statements.append('create or replace temp table ' ~ table ~ ' as ' ~ mallard._of_group_in(source, group.group)) -%}
        {%- do adapter.cache_added(table) -%}
    {%- endfor -%}
    {%- do mallard._query(statements | join(';\n')) -%}
{%- endmacro %}

{# The rows of a group, without the column that says so. #}
{% macro _of_group_in(table, group) -%}
    select * exclude ("group") from {{ table }} where "group" collate posix = {{ mallard._literal(group) }}
{%- endmacro %}
