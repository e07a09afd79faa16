{# Sums over customers of whom each counts as often as a weight says; once, if there is none. #}
{% macro _weighted(expression, weight) -%}
    {{ return('(' ~ expression ~ ') * ' ~ weight if weight else expression) }}
{%- endmacro %}

{# How often the customers count for whom an expression isn't null. #}
{% macro _count(expression, weight) -%}
    {%- if not weight -%}
        {{ return('count(' ~ expression ~ ')') }}
    {%- endif -%}
    {%- set of_known = 'case when (' ~ expression ~ ') is not null then ' ~ weight ~ ' end' -%}
    {{ return(mallard.default__exact_sum(of_known, 'mallard__weight_scale')) }}
{%- endmacro %}

{# What sums of weights need to know beforehand, as the beginning of a select list. #}
{% macro _weight_scales(weight) -%}
    {%- if weight %}
            max({{ weight }}) as mallard__largest_weight,
            {{ mallard.default__sum_scale('max(' ~ weight ~ ')') }} as mallard__weight_scale,
    {%- endif -%}
{%- endmacro %}
