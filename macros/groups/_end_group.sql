{# What a build does once a group is segmented: its tables join those of the groups before it. #}
{% macro _end_group(group) -%}
    {%- set statements = [] -%}
    {%- set of_group = mallard._literal(group.group) ~ ' as "group"' -%}
    {%- set customers = 'select *, ' ~ of_group ~ ' from ' ~ group.place -%}
    {%- set create = 'create or replace temp table mallard__all_customers as ' if group.number == 1 else 'insert into mallard__all_customers ' -%}
    {%- do statements.append(create ~ customers) -%}
    {%- do statements.append('drop table ' ~ group.place) -%}
    {%- for name in mallard._tables_beside() -%}
        {%- set table = mallard._own_table_beside(group.segmentation, name) -%}
        {%- if group.number == 1 -%}
            {%- do statements.append('create or replace temp table mallard__all_' ~ name ~ ' as ' ~ mallard._no_rows_of_groups(name)) -%}
        {%- endif -%}
        {%- do statements.append('insert into mallard__all_' ~ name ~ ' by name select ' ~ of_group ~ ', * from ' ~ table) -%}
        {%- do statements.append('drop table ' ~ table) -%}
        {%- do adapter.cache_dropped(table) -%}
    {%- endfor -%}
    {%- do mallard._query(statements | join(';\n')) -%}
    {%- do mallard._speak_of(none) -%}
    {%- do mallard._say_progress(group) -%}
{%- endmacro %}

{# The columns of a table of groups, without a row. #}
{% macro _no_rows_of_groups(name) -%}
    select cast(null as varchar) as "group", * from ({{ mallard._empty_table(name) }})
{%- endmacro %}
