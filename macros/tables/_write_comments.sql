{# The meaning of a table and its columns, as comments in the warehouse: that of the register, unless the model has a description. #}
{% macro _write_comments(relation, name, model=none) -%}
    {%- set table = mallard._table(name) -%}
    {%- set meanings = {} -%}
    {%- for column, (_, meaning) in table.columns.items() -%}
        {%- do meanings.update({column: meaning}) -%}
    {%- endfor -%}
    {%- for column in (model.columns.values() if model else []) if column.description -%}
        {%- do meanings.update({column.name | lower: column.description}) -%}
    {%- endfor -%}
    {%- set existing = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
    {%- call statement('comments') -%}
        comment on table {{ relation }} is {{ mallard._literal(model.description if model and model.description else table.row) }};
        {%- for column in existing if column | lower in meanings %}
        comment on column {{ relation }}.{{ mallard._quoted(column) }} is {{ mallard._literal(meanings[column | lower]) }};
        {%- endfor %}
    {%- endcall -%}
{%- endmacro %}
