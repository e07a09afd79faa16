{# The number in a column, null if it isn't finite. #}
{% macro _finite(column) -%}
    {{ return(mallard._if_finite('cast(' ~ mallard._quoted(column) ~ ' as double)')) }}
{%- endmacro %}

{# A number or moment, null if it is infinite or NaN. #}
{% macro _if_finite(expression) -%}
    {{ return('case when isfinite(' ~ expression ~ ') then ' ~ expression ~ ' end') }}
{%- endmacro %}
