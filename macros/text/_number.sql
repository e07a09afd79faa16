{# The number in a text, with spaces around it and no-break spaces anywhere, which spreadsheets put between digits. #}
{% macro _number(text) -%}
    {%- set no_break_spaces = '[\\x{A0}\\x{2007}\\x{2009}\\x{200B}\\x{202F}\\x{FEFF}]' -%}
    {{ return("try_cast(regexp_replace(trim(" ~ text ~ "), '" ~ no_break_spaces ~ "', '', 'g') as double)") }}
{%- endmacro %}
