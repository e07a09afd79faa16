{# The variable mallard_publish: the file to publish, by the name of the target. #}
{% macro _files_to_publish() -%}
    {{ return(var('mallard_publish', {'dev': 'published/mallard.duckdb', 'spark': 'published/mallard_spark.duckdb'} if project_name == 'mallard' else {})) }}
{%- endmacro %}
