{# Run Mallard's SQL, and return its rows. #}
{% macro _query(text) -%}
    {{ return(run_query(mallard._sql(text))) }}
{%- endmacro %}
