{# A feature whose filler, in _statistics, is the mean of its values. #}
{% macro _for_means(feature, with_median=false) -%}
    {{ return(dict(feature, scale='none', fill='mean', with_median=with_median)) }}
{%- endmacro %}

{# A feature whose center is the mean of its values, and whose spread is their standard deviation. #}
{% macro _for_deviations(feature, with_median=false) -%}
    {{ return(dict(feature, scale='standard', fill='none', with_median=with_median)) }}
{%- endmacro %}
