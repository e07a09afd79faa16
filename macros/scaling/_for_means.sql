{# A feature whose filler, in _statistics, is the mean of its values. #}
{% macro _for_means(feature) -%}
    {{ return(dict(feature, scale='none', fill='mean')) }}
{%- endmacro %}

{# A feature whose center is the mean of its values, and whose spread is their standard deviation. #}
{% macro _for_deviations(feature) -%}
    {{ return(dict(feature, scale='standard', fill='none')) }}
{%- endmacro %}
