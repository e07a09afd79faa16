{# Stop with a message. Names, ids and values in it are those of people, and can have any length: a long message loses its middle. #}
{% macro _stop(message) -%}
    {%- do exceptions.raise_compiler_error(mallard._shortened('mallard: ' ~ mallard._of_group() ~ message, 2000)) -%}
{%- endmacro %}
