{# The number in a column, null if it isn't finite. #}
{% macro _finite(column) -%}
    {%- set number = 'cast(' ~ mallard._quoted(column) ~ ' as double)' -%}
    {{ return('case when isfinite(' ~ number ~ ') then ' ~ number ~ ' end') }}
{%- endmacro %}
