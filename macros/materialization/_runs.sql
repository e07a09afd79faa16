{# On Spark, a segmentation is made of views: of the tables of its current run, whose name a view of one row, the pointer, has. #}
{% macro _pointer(segmentation) -%}
    {{ return(mallard._named_like(segmentation, 'mallard__' ~ segmentation.identifier ~ '__current', 'view')) }}
{%- endmacro %}

{# The name of the current run; none before the first. #}
{% macro _current_run(segmentation) -%}
    {%- if not mallard._find_names(segmentation, mallard._pointer(segmentation).identifier) -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(run_query('select run from ' ~ mallard._pointer(segmentation))[0][0]) }}
{%- endmacro %}

{# The tables of the runs of a segmentation, but for those of one. #}
{% macro _tables_of_runs(segmentation, but) -%}
    {%- set tables = [] -%}
    {%- set start = 'mallard__' ~ segmentation.identifier ~ '__' -%}
    {%- for name in mallard._find_names(segmentation, start ~ 'r*') -%}
        {%- set run = name[start | length:].split('__')[0] -%}
        {%- if run | length == 9 and run != but -%} {%- do tables.append(mallard._named_like(segmentation, name, 'table')) -%} {%- endif -%}
    {%- endfor -%}
    {{ return(tables) }}
{%- endmacro %}

{# Names of tables and views in the schema of a relation that a pattern of Spark's fits. #}
{% macro _find_names(relation, pattern) -%}
    {%- set names = [] -%}
    {%- set fitting = mallard._value_on_spark(pattern | lower) -%}
    {%- for row in run_query('show tables in ' ~ relation.without_identifier() ~ ' like ' ~ fitting) -%}
        {%- do names.append(row['tableName']) if not row['isTemporary'] -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}

{# What a segmentation has tables of. The customers come last: where there are none yet, they appear when the others are there. #}
{% macro _names_of_tables() -%}
    {{ return(mallard._tables_beside() + ['customers']) }}
{%- endmacro %}

{% macro _table_of_run(segmentation, name, run) -%}
    {%- set place = mallard._place_of_run(segmentation, run) -%}
    {{ return(place if name == 'customers' else mallard._own_table_beside(place, name)) }}
{%- endmacro %}

{% macro _columns_and_types(relation) -%}
    {%- set columns = [] -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%} {%- do columns.append([column.name, column.dtype]) -%} {%- endfor -%}
    {{ return(columns) }}
{%- endmacro %}

{# Have the views of a segmentation show the tables of a run, as many as that made. Returns the views. #}
{% macro _show_run(segmentation, run) -%}
    {%- set views = [] -%}
    {%- for name in mallard._names_of_tables() -%}
        {%- set table = load_relation(mallard._table_of_run(segmentation, name, run)) -%}
        {%- do views.append(mallard._show_as(segmentation, name, 'select * from ' ~ table)) if table -%}
    {%- endfor -%}
    {{ return(views) }}
{%- endmacro %}

{# The view of a segmentation that has this name, with the meaning of its columns. #}
{% macro _show_as(segmentation, name, query) -%}
    {%- set identifier = segmentation.identifier if name == 'customers' else segmentation.identifier ~ '__' ~ name -%}
    {%- set view = mallard._named_like(segmentation, identifier, 'view') -%}
    {%- set about = mallard._meanings(name, model if name == 'customers' else none) -%}
    {%- set columns = [] -%}
    {%- for column in get_columns_in_query(query) -%}
        {%- set meaning = about.columns.get(column | lower) -%}
        {%- do columns.append(adapter.quote(column) ~ (' ' ~ mallard._comment_on_spark(meaning) if meaning else '')) -%}
    {%- endfor -%}
    {%- do run_query(
        'create or replace view ' ~ view ~ ' (' ~ columns | join(', ') ~ ') comment ' ~ mallard._value_on_spark(about.table) ~ ' as ' ~ query
    ) -%}
    {{ return(view) }}
{%- endmacro %}
