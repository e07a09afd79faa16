{# All digits of a number, for a query whose result is read here. The letter after them keeps dbt from turning them into a
   rounded number; `_digits` takes it off. #}
{% macro _digits_of(expression) -%}
    cast({{ expression }} as varchar) || '_'
{%- endmacro %}

{% macro _digits(text) -%}
    {{ return(text[:-1] if text is not none else none) }}
{%- endmacro %}
