{# Whether a text is more than white space; null for none. #}
{% macro _says_something(text) -%}
    {{ return('regexp_matches(' ~ text ~ ", '[^\\s\\x{A0}]')") }}
{%- endmacro %}
