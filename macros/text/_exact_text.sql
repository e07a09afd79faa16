{# A value as text that is compared character by character, whatever default_collation says. #}
{% macro _exact_text(expression) -%}
    {{ return('cast(' ~ expression ~ ' as varchar) collate posix') }}
{%- endmacro %}
