{% macro parse_number(column) -%}
    {{ return(mallard._sql(adapter.dispatch('parse_number', 'mallard')(column))) }}
{%- endmacro %}

{# Spark takes the suffixes of Java's numbers and hexadecimal digits, as in 10d and 0x1p3. #}
{% macro default__parse_number(column) -%}
    {%- set number = mallard._number(column) -%}
    case when isfinite({{ number }}) and not regexp_matches({{ column }}, '[dDfFxX]') then {{ number }} end
{%- endmacro %}
