{% macro parse_number(column) -%}
    {{ return(adapter.dispatch('parse_number', 'mallard')(column)) }}
{%- endmacro %}

{% macro default__parse_number(column) -%}
    case when isfinite(try_cast({{ column }} as double)) then try_cast({{ column }} as double) end
{%- endmacro %}
