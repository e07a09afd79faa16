{# What a build does once a group is segmented: its tables join those of the groups before it. #}
{% macro _end_group(group) -%}
    {%- do adapter.dispatch('_end_group', 'mallard')(group) -%}
    {%- do mallard._speak_of(none) -%}
    {%- do mallard._say_progress(group) -%}
{%- endmacro %}

{% macro default___end_group(group) -%}
    {%- set of_group = mallard._literal(group.group) ~ ' as "group"' -%}
    {%- set begin = 'insert into mallard__all_customers ' -%}
    {%- set begin = 'create or replace temp table mallard__all_customers as ' if group.number == 1 else begin -%}
    {%- set statements = [begin ~ 'select *, ' ~ of_group ~ ' from ' ~ group.place, 'drop table ' ~ group.place] -%}
    {%- for name in mallard._tables_asked_for(group.meta) -%}
        {%- set table = mallard._own_table_beside(group.segmentation, name) -%}
        {%- if group.number == 1 -%}
            {%- do statements.append('create or replace temp table mallard__all_' ~ name ~ ' as ' ~ mallard._no_rows_of_groups(name)) -%}
        {%- endif -%}
        {%- do statements.append('insert into mallard__all_' ~ name ~ ' by name select ' ~ of_group ~ ', * from ' ~ table) -%}
        {%- do statements.append('drop table ' ~ table) -%}
        {%- do adapter.cache_dropped(table) -%}
    {%- endfor -%}
    {%- do mallard._run(statements | join(';\n')) -%}
{%- endmacro %}

{# Into the tables of this run; the customers into one beside them, because dbt makes that of the customers. #}
{% macro spark___end_group(group) -%}
    {%- set of_group = mallard._value_on_spark(group.group) ~ ' as `group`' -%}
    {%- set all = mallard._named_like(group.place, group.place.identifier[:-7], 'table') -%}
    {%- do mallard._append(mallard._own_table_beside(all, 'all'), 'select *, ' ~ of_group ~ ' from ' ~ group.place, group.number == 1) -%}
    {%- do adapter.drop_relation(group.place) -%}
    {%- for name in mallard._tables_asked_for(group.meta) + ['before'] -%}
        {%- set before = mallard._own_table_beside(group.segmentation, name).incorporate(type='view') -%}
        {%- if load_cached_relation(before) -%} {%- do adapter.drop_relation(before) -%} {%- endif -%}
        {%- if name != 'before' -%}
            {%- set table = mallard._own_table_beside(group.place, name) -%}
            {%- do mallard._append(mallard._own_table_beside(all, name), 'select ' ~ of_group ~ ', * from ' ~ table, group.number == 1) -%}
            {%- do adapter.drop_relation(table) -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro %}

{# Rows into a table of a run of Spark's, which the first ones make. #}
{% macro _append(table, query, is_first) -%}
    {%- if is_first -%}
        {%- do run_query('create table ' ~ table ~ ' ' ~ file_format_clause() ~ ' as ' ~ query) -%}
        {%- do adapter.cache_added(table) -%}
    {%- else -%}
        {%- do run_query('insert into ' ~ table ~ ' ' ~ query) -%}
    {%- endif -%}
{%- endmacro %}

{# The columns of a table of groups, without a row. #}
{% macro _no_rows_of_groups(name) -%}
    select cast(null as varchar) as "group", * from ({{ mallard._empty_table(name) }})
{%- endmacro %}
