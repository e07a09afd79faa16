{# A DOUBLE with every digit of a number, which is given as text; null for none. #}
{% macro _double(digits) -%}
    cast({{ "'" ~ digits ~ "'" if digits is not none else 'null' }} as double)
{%- endmacro %}
