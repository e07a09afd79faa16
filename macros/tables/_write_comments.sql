{# The meaning of all tables of a segmentation. #}
{% macro _write_all_comments(whole, model) -%}
    {%- do mallard._write_comments(whole.place, 'customers', model) -%}
    {%- for name in mallard._tables_asked_for(whole.meta) -%}
        {%- do mallard._write_comments(mallard._own_table_beside(whole.segmentation, name), name) -%}
    {%- endfor -%}
{%- endmacro %}

{# The meaning of a table and its columns, as comments in the warehouse. #}
{% macro _write_comments(relation, name, model=none) -%}
    {{ return(adapter.dispatch('_write_comments', 'mallard')(relation, name, model)) }}
{%- endmacro %}

{% macro default___write_comments(relation, name, model) -%}
    {%- set meanings = mallard._meanings(name, model) -%}
    {%- set existing = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
    {%- call statement('comments') -%}
        comment on table {{ relation }} is {{ mallard._literal(meanings.table) }};
        {%- for column in existing if column | lower in meanings.columns %}
        comment on column {{ relation }}.{{ mallard._quoted(column) }} is {{ mallard._literal(meanings.columns[column | lower]) }};
        {%- endfor %}
    {%- endcall -%}
{%- endmacro %}

{# The views that show the tables of a run have them. #}
{% macro spark___write_comments(relation, name, model) -%}
{%- endmacro %}

{# What a table and its columns mean: what the register says, unless the model has a description. #}
{% macro _meanings(name, model=none) -%}
    {%- set table = mallard._table(name) -%}
    {%- set meanings = {} -%}
    {%- set columns = table.columns -%}
    {%- if not model or mallard._is_by_group(model.config.meta.get('mallard', model.config.meta)) -%}
        {%- set columns = dict(mallard._group_column(), **columns) -%}
    {%- endif -%}
    {%- for column, (_, meaning) in columns.items() -%}
        {%- do meanings.update({column: meaning}) -%}
    {%- endfor -%}
    {%- for column, (_, _, meaning) in table.get('by_settings', {}).items() -%}
        {%- do meanings.update({column: meaning}) -%}
    {%- endfor -%}
    {%- for column in (model.columns.values() if model else []) if column.description -%}
        {%- do meanings.update({column.name | lower: column.description}) -%}
    {%- endfor -%}
    {{ return({'table': model.description if model and model.description else table.row, 'columns': meanings}) }}
{%- endmacro %}
