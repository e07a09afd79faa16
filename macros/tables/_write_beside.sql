{# Make a table beside a segmentation, or bring it up to date. A fit makes all of them; a build that only scores makes those that say
   something about the customers. Tables that keep `versions` or `builds` keep the rows of earlier ones. #}
{% macro _write_beside(name, made) -%}
    {{ return(adapter.dispatch('_write_beside', 'mallard')(name, made)) }}
{%- endmacro %}

{% macro default___write_beside(name, made) -%}
    {%- set table = mallard._own_table_beside(made.segmentation, name) -%}
    {%- set existing = load_cached_relation(table) -%}
    {%- set about = mallard._table(name) -%}
    {%- set statements = [] -%}
    {%- if flags.EMPTY -%}
        {%- if not existing or not (about.keeps or about.made_by) -%}
            {%- do statements.append('create or replace table ' ~ table ~ ' as ' ~ mallard._empty_table(name)) -%}
        {%- endif -%}
    {%- elif made.version.is_new or about.get('made_by') != 'fit' or not existing -%}
        {%- do statements.append(mallard._keeps('mallard__beside', mallard._shown_rows_beside(name, about, made))) -%}
        {%- if about.keeps and existing -%}
            {%- do statements.extend(mallard._additions_of_missing_columns(table, about)) -%}
            {%- if about.keeps == 'versions' -%}
                {%- do statements.append('delete from ' ~ table ~ ' where version is null or version = ' ~ made.version.number) -%}
            {%- endif -%}
            {%- do statements.append('insert into ' ~ table ~ ' by name from mallard__beside') -%}
            {%- if 'is_current' in about.columns -%}
                {%- do statements.append('update ' ~ table ~ ' set is_current = (version = ' ~ made.version.number ~ ')') -%}
            {%- endif -%}
        {%- else -%}
            {%- if existing -%}
                {%- do statements.append('drop ' ~ existing.type ~ ' if exists ' ~ existing) -%}
                {%- do adapter.cache_dropped(existing) -%}
            {%- endif -%}
            {%- set create = 'create or replace table ' if made.group is none else 'create or replace temp table ' -%}
            {%- do statements.append(create ~ table ~ ' as from mallard__beside') -%}
        {%- endif -%}
        {%- do statements.append('drop table mallard__beside') -%}
    {%- endif -%}
    {%- do mallard._run(statements | join(';\n')) if statements -%}
{%- endmacro %}

{# The tables of an earlier build that the settings don't ask for any more. #}
{% macro _drop_unasked(segmentation, meta) -%}
    {%- for name in mallard._tables_beside() | reject('in', mallard._tables_asked_for(meta)) -%}
        {%- set table = load_cached_relation(mallard._own_table_beside(segmentation, name)) -%}
        {{ drop_relation_if_exists(table) if table and mallard._was_made_by_a_segmentation(table, name) }}
    {%- endfor -%}
{%- endmacro %}

{# All rows anew, in the table of this run. #}
{% macro spark___write_beside(name, made) -%}
    {%- set about = mallard._table(name) -%}
    {%- set of_builds = about.keeps == 'builds' or not (about.keeps or about.made_by) -%}
    {%- set source = made.segmentation if of_builds or not made.history else made.history -%}
    {%- set before = load_relation(mallard._own_table_beside(source, name)) -%}
    {%- set queries = [] -%}
    {%- if flags.EMPTY -%}
        {%- set is_made, is_kept = false, before and (about.keeps or about.made_by) -%}
        {%- do queries.append(mallard._empty_table(name)) if not is_kept -%}
    {%- else -%}
        {%- set is_made = made.version.is_new or about.get('made_by') != 'fit' or not before -%}
        {%- set is_kept = before and (about.keeps or not is_made) -%}
        {%- if is_made -%}
            {%- do mallard._keep('mallard__beside', mallard._shown_rows_beside(name, about, made)) -%}
            {%- do queries.append(mallard._in_order_of_register(about, 'mallard__beside')) -%}
        {%- endif -%}
    {%- endif -%}
    {%- do queries.append(mallard._rows_before(name, about, before, made, is_made)) if is_kept -%}
    {%- set table = mallard._own_table_beside(made.customers, name) -%}
    {%- do run_query('create table ' ~ table ~ ' ' ~ file_format_clause() ~ ' as ' ~ mallard._ready(queries | join(' union all '))) -%}
    {%- do adapter.cache_added(table) -%}
{%- endmacro %}

{# The columns of a table in the order of the register. #}
{% macro _in_order_of_register(about, relation) -%}
    {%- set columns = [] -%}
    {%- for column in about.columns -%} {%- do columns.append(mallard._quoted(column)) -%} {%- endfor -%}
    select {{ columns | join(', ') }} from {{ relation }}
{%- endmacro %}

{# The rows of earlier versions or builds that a table keeps; an earlier version of this package may have had fewer columns. #}
{% macro _rows_before(name, about, before, made, is_made) -%}
    {%- set existing = adapter.get_columns_in_relation(before) | map(attribute='name') | map('lower') | list -%}
    {%- set columns, conditions = [], [] -%}
    {%- for column, (type, _) in about.columns.items() -%}
        {%- if column == 'is_current' and is_made -%}
            {%- do columns.append('false as is_current') -%}
        {%- elif column in existing -%}
            {%- do columns.append(mallard._quoted(column)) -%}
        {%- else -%}
            {%- do columns.append('cast(null as ' ~ type ~ ') as ' ~ mallard._quoted(column)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if about.keeps == 'versions' and is_made -%}
        {%- do conditions.append('version <> ' ~ made.version.number) -%}
    {%- endif -%}
    {%- if about.keeps and made.plan and made.plan.settings.history_days is not none -%}
        {%- set versions = mallard._own_table_beside(made.history or made.segmentation, 'versions') -%}
        {%- do conditions.append('not (' ~ mallard._is_old(name, made.plan.settings.history_days, versions) ~ ')') -%}
    {%- endif -%}
    select {{ columns | join(', ') }} from {{ before }} {{ 'where ' ~ conditions | join(' and ') if conditions }}
{%- endmacro %}

{# The rows of this build, without figures of few customers. #}
{% macro _shown_rows_beside(name, about, made) -%}
    {%- set rows = mallard._rows_beside(name, about, made) -%}
    {%- if mallard._hides_few(name, made) -%}
        {%- do mallard._keep('mallard__with_few', rows) -%}
        {{ return(mallard._without_few(name, 'mallard__with_few', made)) }}
    {%- endif -%}
    {{ return(rows) }}
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

{# Statements by which a table that an earlier version of this package wrote gets the columns that it lacks. #}
{% macro _additions_of_missing_columns(table, about) -%}
    {%- set statements = [] -%}
    {%- for column, (type, _) in about.columns.items() -%}
        {%- do statements.append('alter table ' ~ table ~ ' add column if not exists "' ~ column ~ '" ' ~ type) -%}
    {%- endfor -%}
    {{ return(statements) }}
{%- endmacro %}

{# When the run began, in UTC. #}
{% macro _this_moment() -%}
    cast({{ mallard._literal(run_started_at.strftime('%Y-%m-%d %H:%M:%S')) }} as timestamp)
{%- endmacro %}
