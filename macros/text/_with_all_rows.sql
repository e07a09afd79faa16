{# A relation with its rows, even if dbt builds without rows: those of statistics describe columns, not customers. #}
{% macro _with_all_rows(relation) -%}
    {%- if relation is string -%}
        {{ return(relation) }}
    {%- endif -%}
    {{ return(api.Relation.create(database=relation.database, schema=relation.schema, identifier=relation.identifier)) }}
{%- endmacro %}
