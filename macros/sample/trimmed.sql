{% macro trimmed(column) -%}
    {{ return(mallard._sql(adapter.dispatch('trimmed', 'mallard')(column))) }}
{%- endmacro %}

{# Not every engine's `trim` takes spaces other than the plain one, such as those that spreadsheets put beside numbers. #}
{% macro default__trimmed(column) -%}
    trim({{ column }})
{%- endmacro %}
