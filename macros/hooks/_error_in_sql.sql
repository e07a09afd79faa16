{# SQL that fails with a message. A hook that raised an error itself would be reported as interrupted from the keyboard. #}
{% macro _error_in_sql(message) -%}
    select error({{ mallard._literal(mallard._shortened('mallard: ' ~ message, 2000)) }})
{%- endmacro %}
