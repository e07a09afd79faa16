{# The tables of all groups become those of the segmentation. A group that isn't there any more keeps its history. Without rows, none is. #}
{% macro _join_groups(whole, meta) -%}
    {%- if flags.EMPTY -%}
        {%- set versions = mallard._own_table_beside(whole.segmentation, 'versions') -%}
        {%- do mallard._check_history_has_groups(whole.segmentation, meta) if load_cached_relation(versions) -%}
        {%- set columns = dict(mallard._table('customers').columns, **mallard._group_column()) -%}
        {%- set customers = mallard._customers_without_rows('mallard__customers', columns) -%}
    {%- else -%}
        {%- do mallard._query('insert into mallard__all_customers by name ' ~ mallard._customers_without_group(whole, meta)) -%}
        {%- set customers = 'select * from mallard__all_customers' -%}
    {%- endif -%}
    {%- do mallard._make_way_for(whole.place, whole.existing) -%}
    {%- do mallard._write_customers(whole, customers) -%}
    {%- for name in mallard._tables_beside() -%}
        {%- do mallard._join_tables(name, whole) -%}
    {%- endfor -%}
    {%- do mallard._query('drop table mallard__everybody; drop table mallard__all_customers') if not flags.EMPTY -%}
{%- endmacro %}

{% macro _join_tables(name, whole) -%}
    {%- set table = mallard._own_table_beside(whole.segmentation, name) -%}
    {%- set is_of_versions = mallard._table(name).keeps == 'versions' or mallard._table(name).made_by == 'fit' -%}
    {%- set is_kept = is_of_versions or mallard._table(name).keeps -%}
    {%- set before = mallard._own_table_beside((whole.history if is_of_versions else none) or whole.segmentation, name) -%}
    {%- set all = 'mallard__all_' ~ name -%}
    {%- do mallard._query('create or replace temp table ' ~ all ~ ' as ' ~ mallard._no_rows_of_groups(name)) if flags.EMPTY -%}
    {%- if is_kept and mallard._has_groups(before) -%}
        {%- set are_gone = 'true' if flags.EMPTY else '"group" collate posix not in (select name from mallard__groups)' -%}
        {%- do mallard._query('insert into ' ~ all ~ ' by name select * from ' ~ before ~ ' where ' ~ are_gone) -%}
    {%- endif -%}
    {{ drop_relation_if_exists(load_cached_relation(table)) }}
    {%- do mallard._query('create or replace table ' ~ table ~ ' as from ' ~ all ~ '; drop table ' ~ all) -%}
{%- endmacro %}

{# Those who lack a value in the column of the groups. #}
{% macro _customers_without_group(whole, meta) -%}
    {%- set excluded -%}
        select
            * exclude (mallard__group)
            {%- for column, (type, _) in mallard._columns_of_a_score().items() %},
            {%- if column == 'assignment_status' %}
            'excluded' as "assignment_status"
            {%- elif column == 'status_reason' %}
            {{ mallard._literal(meta.group_by ~ ' is missing') }} as "status_reason"
            {%- else %}
            cast(null as {{ type }}) as "{{ column }}"
            {%- endif %}
            {%- endfor %},
            cast(null as varchar) as "group"
        from mallard__everybody
        where mallard__group is null
    {%- endset -%}
    {%- set before = mallard._own_table_beside(mallard._place_of_group(whole), 'before') if whole.built else none -%}
    {%- if before -%}
        {%- do mallard._query('create or replace temp table ' ~ before ~ ' as select * from ' ~ whole.built ~ ' where "group" is null') -%}
    {%- endif -%}
    {{ mallard._customers_with_history(excluded, before, {'settings': {'id': meta.id | string}}) }}
{%- endmacro %}
