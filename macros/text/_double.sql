{# A DOUBLE with every digit of a number, which is given as text, or a list of them; null for none. #}
{% macro _double(digits, type='double') -%}
    cast({{ "'" ~ digits ~ "'" if digits is not none else 'null' }} as {{ type }})
{%- endmacro %}
