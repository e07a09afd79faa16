{# The last eight bytes of the MD5 of a text, the lowest first, as a number: drawn at random, and the same everywhere. #}
{% macro md5_number_lower(text) -%}
    {{ return(adapter.dispatch('md5_number_lower')(text)) }}
{%- endmacro %}

{% macro default__md5_number_lower(text) -%}
    md5_number_lower({{ text }})
{%- endmacro %}

{% macro spark__md5_number_lower(text) -%}
    cast(
        conv(
            concat({% for byte in range(15, 7, -1) %}substr(md5({{ text }}), {{ 2 * byte + 1 }}, 2){{ ', ' if not loop.last }}{% endfor %}), 16, 10
        ) as decimal(20, 0)
    )
{%- endmacro %}
