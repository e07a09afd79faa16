{# Make a table beside a segmentation, or bring it up to date. A fit makes all of them; a build that only scores makes those that say
   something about the customers. Tables that keep `versions` or `builds` keep the rows of earlier ones. #}
{% macro _write_beside(segmentation, name, made) -%}
    {%- set table = mallard._own_table_beside(segmentation, name) -%}
    {%- set existing = load_cached_relation(table) -%}
    {%- set about = mallard._table(name) -%}
    {%- if flags.EMPTY -%}
        {%- if not existing or not (about.keeps or about.made_by) -%}
            {%- do run_query('create or replace table ' ~ table ~ ' as ' ~ mallard._empty_table(name)) -%}
        {%- endif -%}
    {%- elif made.version.is_new or about.get('made_by') != 'fit' or not existing -%}
        {%- do run_query('create or replace temp table mallard__beside as ' ~ mallard._rows_beside(name, about, made)) -%}
        {%- if about.keeps and existing -%}
            {%- do mallard._add_missing_columns(table, about) -%}
            {%- if about.keeps == 'versions' -%}
                {%- do run_query('delete from ' ~ table ~ ' where version is null or version = ' ~ made.version.number) -%}
            {%- endif -%}
            {%- do run_query('insert into ' ~ table ~ ' by name from mallard__beside') -%}
            {%- if 'is_current' in about.columns -%}
                {%- do run_query('update ' ~ table ~ ' set is_current = (version = ' ~ made.version.number ~ ')') -%}
            {%- endif -%}
        {%- else -%}
            {{ drop_relation_if_exists(existing) }}
            {%- do run_query('create or replace table ' ~ table ~ ' as from mallard__beside') -%}
        {%- endif -%}
        {%- do run_query('drop table mallard__beside') -%}
    {%- endif -%}
    {%- do mallard._write_comments(table, name) -%}
    {{ return(table) }}
{%- endmacro %}

{# The rows of this build, with what tells them from those of others. #}
{% macro _rows_beside(name, about, made) -%}
    {%- set rows = context['mallard']['_' ~ name ~ '_query'](made) -%}
    {%- if about.keeps == 'builds' -%}
        select
            cast({{ made.build }} as integer) as "build",
            {{ mallard._this_moment() }} as "built_at",
            {{ mallard._literal(invocation_id) }} as "run_id",
            *
        from ({{ rows }})
    {%- elif about.keeps == 'versions' -%}
        select cast({{ made.version.number }} as integer) as "version", * from ({{ rows }})
    {%- else -%}
        {{ rows }}
    {%- endif -%}
{%- endmacro %}

{# No rows of this build, without what `_rows_beside` adds. #}
{% macro _no_rows_beside(name) -%}
    {%- set added = {'builds': ['build', 'built_at', 'run_id'], 'versions': ['version']} -%}
    {{ return(mallard._empty_table(name, without=added[mallard._table(name).keeps])) }}
{%- endmacro %}

{# A table that an earlier version of this package wrote gets the columns that it lacks. #}
{% macro _add_missing_columns(table, about) -%}
    {%- for column, (type, _) in about.columns.items() -%}
        {%- do run_query('alter table ' ~ table ~ ' add column if not exists "' ~ column ~ '" ' ~ type) -%}
    {%- endfor -%}
{%- endmacro %}

{# When the run began, in UTC. #}
{% macro _this_moment() -%}
    cast({{ mallard._literal(run_started_at.strftime('%Y-%m-%d %H:%M:%S')) }} as timestamp)
{%- endmacro %}
