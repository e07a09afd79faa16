{# The last step of a build, after all that can fail: its tables take the place of those before. Returns the relations. #}
{% macro _put_in_place(whole) -%}
    {{ return(adapter.dispatch('_put_in_place', 'mallard')(whole)) }}
{%- endmacro %}

{% macro default___put_in_place(whole) -%}
    {%- do mallard._forget_old_rows(whole.segmentation, whole.history_days, whole.is_by_group) if whole.history_days -%}
    {%- do create_indexes(whole.segmentation) -%}
    {%- set relations = [whole.segmentation] -%}
    {%- for name in mallard._tables_beside() -%}
        {%- do relations.append(mallard._own_table_beside(whole.segmentation, name)) -%}
    {%- endfor -%}
    {{ return(relations) }}
{%- endmacro %}

{# One statement decides: while views are replaced, each shows the run that a view of one row names, so that all change at once. A view
   whose columns change can't show both, and changes right after. #}
{% macro spark___put_in_place(whole) -%}
    {%- set segmentation, run, existing = whole.segmentation, whole.place.identifier.split('__')[-1], whole.existing -%}
    {%- set before = mallard._current_run(segmentation) -%}
    {{ drop_relation_if_exists(existing) if existing and existing.type != 'view' }}
    {#- dbt learns of the table of the customers at the end of the build, and of the others when they are written. -#}
    {%- do adapter.cache_added(whole.place) -%}
    {%- for name in mallard._names_of_tables() if before -%}
        {%- set tables = [] -%}
        {%- for of_run in [before, run] -%}
            {%- set table = load_relation(mallard._table_of_run(segmentation, name, of_run)) -%}
            {%- do tables.append(table) if table -%}
        {%- endfor -%}
        {%- if tables | length == 2 and mallard._columns_and_types(tables[0]) == mallard._columns_and_types(tables[1]) -%}
            {%- set queries = [] -%}
            {%- for of_run in [before, run] -%}
                {%- do queries.append(
                    'select * from ' ~ mallard._table_of_run(segmentation, name, of_run)
                    ~ ' where (select run from ' ~ mallard._pointer(segmentation) ~ ') = ' ~ mallard._value_on_spark(of_run)
                ) -%}
            {%- endfor -%}
            {%- do mallard._show_as(segmentation, name, queries | join(' union all ')) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set pointed = 'select ' ~ mallard._value_on_spark(run) ~ ' as run' -%}
    {%- do run_query('create or replace view ' ~ mallard._pointer(segmentation) ~ ' as ' ~ pointed) -%}
    {{ return(mallard._show_run(segmentation, run)) }}
{%- endmacro %}

{# What a build does once its tables are in place. #}
{% macro _end(whole) -%}
    {{ return(adapter.dispatch('_end', 'mallard')(whole)) }}
{%- endmacro %}

{% macro default___end(whole) -%}
    {%- do mallard._query('drop table mallard__customers') -%}
    {%- do adapter.commit() -%}
{%- endmacro %}

{% macro spark___end(whole) -%}
    {%- set current = mallard._current_run(whole.segmentation) -%}
    {%- for table in mallard._tables_of_runs(whole.segmentation, but=current) -%} {%- do adapter.drop_relation(table) -%} {%- endfor -%}
    {%- do adapter.drop_relation(mallard._named_like(whole.place, whole.place.identifier ~ '__select', 'table')) -%}
    {%- do adapter.mallard_forget(mallard._scratch()) -%}
{%- endmacro %}
