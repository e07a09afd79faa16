{% macro parse_number(column) -%}
    {{ return(mallard._sql(adapter.dispatch('parse_number', 'mallard')(column))) }}
{%- endmacro %}

{% macro default__parse_number(column) -%}
    {%- set number = mallard._number(column) -%}
    case when isfinite({{ number }}) then {{ number }} end
{%- endmacro %}
