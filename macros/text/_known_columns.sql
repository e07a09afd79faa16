{# The columns of a relation or a query in brackets, or none if it can't be known while a model compiles: what it reads isn't built yet, or
   is a table without its schema, which may be a CTE of the model, whatever tables there are. DuckDB serializes a plan once it has found all
   names, though not the plan of every table function, such as read_parquet. #}
{% macro _known_columns(relation) -%}
    {%- if not execute -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set query = 'select * from ' ~ relation -%}
    {%- set text = mallard._literal(query) -%}
    {%- set is_known -%}
        select
            cast(
                (
                    json_extract_string(json_serialize_plan({{ text }}), '$.error') = 'false'
                    or contains(json_extract_string(json_serialize_plan({{ text }}), '$.error_message'), 'not support serialization')
                )
                and not list_contains(json_extract_string(json_serialize_sql({{ text }}), '$..schema_name'), '')
                as integer
            )
    {%- endset -%}
    {{ return(get_columns_in_query(query) if run_query(is_known).rows[0][0] == 1 else none) }}
{%- endmacro %}
