{# Stop on what is neither DuckDB nor Spark. #}
{% macro _check_engine() -%}
    {%- if target.type not in ['duckdb', 'spark'] -%}
        {%- do mallard._stop(
            'model ' ~ model.name ~ " is materialized='segmentation', which runs on DuckDB and Spark, and target " ~ target.name ~ ' is ' ~ target.type
            ~ ': fit it there, and use mallard.score here.'
        ) -%}
    {%- endif -%}
{%- endmacro %}
