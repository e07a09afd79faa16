{# What a build does before it segments a group: it shows the customers of the group in place of all, and what there is of the build
   before. #}
{% macro _begin_group(group, whole) -%}
    {%- do mallard._speak_of(group.group) -%}
    {%- set customers = 'select * exclude (mallard__group) from mallard__everybody where mallard__group = ' ~ group.number -%}
    {%- do adapter.dispatch('_show_customers', 'mallard')(customers) -%}
    {%- set sources = {} -%}
    {%- for name in mallard._tables_asked_for(group.meta) if group.history -%}
        {%- set source = mallard._table_before(name, whole) -%}
        {%- if load_cached_relation(source) -%} {%- do sources.update({name: source}) -%} {%- endif -%}
    {%- endfor -%}
    {%- do sources.update(before=whole.built) if group.built -%}
    {%- set taken = {} -%}
    {%- for name, source in sources.items() -%}
        {%- set rows = 'select * exclude ("group") from ' ~ source ~ ' where "group" collate posix = ' ~ mallard._literal(group.group) -%}
        {%- do taken.update({name: rows}) -%}
    {%- endfor -%}
    {%- do mallard._take_rows(group.segmentation, taken) -%}
{%- endmacro %}

{# Where the rows of earlier versions, or those of the build before, are. #}
{% macro _table_before(name, whole) -%}
    {%- set is_of_versions = mallard._table(name).keeps == 'versions' or mallard._table(name).made_by == 'fit' -%}
    {{ return(mallard._own_table_beside(whole.history if is_of_versions and whole.history else whole.segmentation, name)) }}
{%- endmacro %}

{% macro default___show_customers(query) -%}
    {%- do mallard._keep('mallard__customers', query) -%}
{%- endmacro %}

{% macro spark___show_customers(query) -%}
    {%- do mallard._show('mallard__customers', query) -%}
{%- endmacro %}

{# Queries for rows of the build before, by name, become tables beside a segmentation for the time of a build. #}
{% macro _take_rows(segmentation, taken) -%}
    {{ return(adapter.dispatch('_take_rows', 'mallard')(segmentation, taken)) }}
{%- endmacro %}

{% macro default___take_rows(segmentation, taken) -%}
    {%- set statements = [] -%}
    {%- for name, rows in taken.items() -%}
        {%- set table = mallard._own_table_beside(segmentation, name) -%}
        {%- do statements.append('create or replace temp table ' ~ table ~ ' as ' ~ rows) -%}
        {%- do adapter.cache_added(table) -%}
    {%- endfor -%}
    {%- do mallard._run(statements | join(';\n')) if statements -%}
{%- endmacro %}

{% macro spark___take_rows(segmentation, taken) -%}
    {%- for name, rows in taken.items() -%}
        {%- set view = mallard._own_table_beside(segmentation, name).incorporate(type='view') -%}
        {%- do run_query('create or replace view ' ~ view ~ ' as ' ~ mallard._sql(rows)) -%}
        {%- do adapter.cache_added(view) -%}
    {%- endfor -%}
{%- endmacro %}
