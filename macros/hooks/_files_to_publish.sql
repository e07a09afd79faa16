{# The variable mallard_publish: the file to publish, by the name of the target. #}
{% macro _files_to_publish() -%}
    {%- set own = {'dev': 'published/mallard.duckdb', 'spark': 'published/mallard_spark.duckdb'} -%}
    {{ return(var('mallard_publish', own if project_name == 'mallard' else {})) }}
{%- endmacro %}
