{# Stop on what is neither DuckDB nor Spark, and on a Spark that the library hasn't extended. #}
{% macro _check_engine() -%}
    {%- if target.type not in ['duckdb', 'spark'] -%}
        {%- do mallard._stop(
            'model ' ~ model.name ~ " is materialized='segmentation', which runs on DuckDB and Spark, and target " ~ target.name ~ ' is ' ~ target.type
            ~ ': fit it there, and use mallard.score here.'
        ) -%}
    {%- endif -%}
    {%- if execute and target.type == 'spark' and adapter.mallard_sql is not defined -%}
        {%- do mallard._stop(
            'model ' ~ model.name ~ " is materialized='segmentation', and dbt's Python has no module dbt_mallard, which that needs on "
            ~ "Spark: pip install 'dbt-mallard[spark]'"
        ) -%}
    {%- endif -%}
{%- endmacro %}
