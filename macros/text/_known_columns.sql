{# The columns of a relation or a query in brackets, or none if it can't be known while a model compiles: what it reads isn't built yet, or
   is a table without its schema, which may be a CTE of the model, whatever tables there are. DuckDB serializes a plan once it has found all
   names, though not the plan of every table function, such as read_parquet. #}
{% macro _known_columns(relation) -%}
    {{ return(adapter.dispatch('_known_columns', 'mallard')(relation) if execute else none) }}
{%- endmacro %}

{% macro spark___known_columns(relation) -%}
    {%- if relation is string or relation.is_cte or not load_relation(relation) -%}
        {{ return(none) }}
    {%- endif -%}
    {{ return(adapter.get_columns_in_relation(relation) | map(attribute='name') | list) }}
{%- endmacro %}

{% macro default___known_columns(relation) -%}
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
    {{ return(get_columns_in_query(query) if mallard._query(is_known).rows[0][0] == 1 else none) }}
{%- endmacro %}
