{# The tables of all groups become those of the segmentation. A group that isn't there any more keeps its history. Without rows, none is. #}
{% macro _join_groups(whole, meta) -%}
    {%- set versions = mallard._own_table_beside(whole.segmentation, 'versions') -%}
    {%- do mallard._check_history_has_groups(whole.segmentation, meta) if flags.EMPTY and load_cached_relation(versions) -%}
    {%- set gone = {} -%}
    {%- for name in mallard._tables_asked_for(meta) if mallard._table(name).keeps or mallard._table(name).made_by -%}
        {%- set before = mallard._table_before(name, whole) -%}
        {%- set are_gone = 'true' if flags.EMPTY else '"group" not in (select name from mallard__groups)' -%}
        {%- do gone.update({name: 'select * from ' ~ before ~ ' where ' ~ are_gone}) if mallard._has_groups(before) -%}
    {%- endfor -%}
    {{ return(adapter.dispatch('_join_groups', 'mallard')(whole, meta, gone)) }}
{%- endmacro %}

{% macro default___join_groups(whole, meta, gone) -%}
    {%- if flags.EMPTY -%}
        {%- set customers = mallard._customers_of_no_group(meta) -%}
    {%- else -%}
        {%- do mallard._query('insert into mallard__all_customers by name ' ~ mallard._customers_without_group(whole, meta)) -%}
        {%- set customers = 'select * from mallard__all_customers' -%}
    {%- endif -%}
    {%- do mallard._make_way_for(whole.place, whole.existing) -%}
    {%- do mallard._write_customers(whole, customers) -%}
    {%- for name in mallard._tables_asked_for(meta) -%}
        {%- set table, all = mallard._own_table_beside(whole.segmentation, name), 'mallard__all_' ~ name -%}
        {%- do mallard._query('create or replace temp table ' ~ all ~ ' as ' ~ mallard._no_rows_of_groups(name)) if flags.EMPTY -%}
        {%- do mallard._query('insert into ' ~ all ~ ' by name ' ~ gone[name]) if name in gone -%}
        {{ drop_relation_if_exists(load_cached_relation(table)) }}
        {%- do mallard._query('create or replace table ' ~ table ~ ' as from ' ~ all ~ '; drop table ' ~ all) -%}
    {%- endfor -%}
    {%- do mallard._query('drop table mallard__everybody; drop table mallard__all_customers') if not flags.EMPTY -%}
{%- endmacro %}

{% macro spark___join_groups(whole, meta, gone) -%}
    {%- set all = mallard._own_table_beside(whole.place, 'all') -%}
    {%- if flags.EMPTY -%}
        {%- set customers = mallard._customers_of_no_group(meta) -%}
    {%- else -%}
        {%- do run_query('insert into ' ~ all ~ ' by name ' ~ mallard._ready(mallard._customers_without_group(whole, meta))) -%}
        {%- set customers = 'select * from ' ~ all -%}
    {%- endif -%}
    {%- do mallard._write_customers(whole, customers) -%}
    {%- do adapter.drop_relation(all) if not flags.EMPTY -%}
    {%- for name in mallard._tables_asked_for(meta) -%}
        {%- set table = mallard._own_table_beside(whole.place, name) -%}
        {%- do mallard._append(table, mallard._ready(mallard._no_rows_of_groups(name)), true) if flags.EMPTY -%}
        {%- do run_query('insert into ' ~ table ~ ' by name ' ~ mallard._ready(gone[name])) if name in gone -%}
    {%- endfor -%}
{%- endmacro %}

{# The columns of the customers, for dbt build --empty. #}
{% macro _customers_of_no_group(meta) -%}
    {%- set columns = dict(mallard._table('customers').columns, **mallard._columns_by_settings(meta)) -%}
    {%- do columns.update(mallard._group_column()) -%}
    {{ return(mallard._customers_without_rows('mallard__customers', columns)) }}
{%- endmacro %}

{# Those who lack a value in the column of the groups. #}
{% macro _customers_without_group(whole, meta) -%}
    {%- set columns = dict(mallard._columns_of_a_score(), **mallard._columns_by_settings(meta)) -%}
    {%- set excluded -%}
        select
            * exclude (mallard__group)
            {{- mallard._columns_of_excluded(columns, mallard._literal(meta.group_by ~ ' is missing')) }}
        from mallard__everybody
        where mallard__group is null
    {%- endset -%}
    {%- set place = mallard._places_of_group(whole).segmentation -%}
    {%- do mallard._take_rows(place, {'before': 'select * from ' ~ whole.built ~ ' where "group" is null'}) if whole.built -%}
    {%- set before = mallard._own_table_beside(place, 'before') if whole.built else none -%}
    {{ mallard._customers_with_history(excluded, before, {'settings': {'id': meta.id | string}}) }}
{%- endmacro %}
