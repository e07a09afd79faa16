{# Make a table beside a segmentation, or bring it up to date. A fit makes all of them; a build that only scores makes those that say
   something about the customers. Where rows belong to a version, those of earlier ones stay. #}
{% macro _write_beside(segmentation, name, made) -%}
    {%- set table = mallard._own_table_beside(segmentation, name) -%}
    {%- set existing = load_cached_relation(table) -%}
    {%- set about = mallard._table(name) -%}
    {%- set has_versions = 'version' in about.columns -%}
    {%- if flags.EMPTY -%}
        {%- if not existing -%}
            {%- do run_query('create table ' ~ table ~ ' as ' ~ mallard._empty_table(name)) -%}
        {%- endif -%}
    {%- elif made.version.is_new or about.get('made_by') != 'fit' or not existing -%}
        {%- set rows = context['mallard']['_' ~ name ~ '_query'](made) -%}
        {%- if has_versions and name != 'versions' -%}
            {%- set rows = 'select ' ~ made.version.number ~ ' as "version", * from (' ~ rows ~ ')' -%}
        {%- endif -%}
        {%- do run_query('create or replace temp table mallard__beside as ' ~ rows) -%}
        {%- if has_versions and existing -%}
            {%- do run_query('delete from ' ~ table ~ ' where version = ' ~ made.version.number) -%}
            {%- do run_query('insert into ' ~ table ~ ' by name from mallard__beside') -%}
        {%- else -%}
            {{ drop_relation_if_exists(existing) }}
            {%- do run_query('create or replace table ' ~ table ~ ' as from mallard__beside') -%}
        {%- endif -%}
        {%- do run_query('drop table mallard__beside') -%}
    {%- endif -%}
    {%- do mallard._write_comments(table, name) -%}
    {{ return(table) }}
{%- endmacro %}
