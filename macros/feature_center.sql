{% macro feature_center(column, scaling) -%}
    {{ return(adapter.dispatch('feature_center', 'mallard')(column, scaling)) }}
{%- endmacro %}

{# Ordered aggregates: a sum of doubles depends on the order of its terms, and the order of rows on threads. #}
{% macro default__feature_center(column, scaling) -%}
    {%- if scaling == 'standard' -%}
        avg({{ column }} order by {{ column }})
    {%- elif scaling == 'minmax' -%}
        min({{ column }})
    {%- elif scaling == 'robust' -%}
        median({{ column }})
    {%- elif scaling == 'none' -%}
        0
    {%- else -%}
        {%- do mallard._refuse_scaling(scaling) -%}
    {%- endif -%}
{%- endmacro %}

{% macro _refuse_scaling(scaling) -%}
    {%- do mallard._refuse('mallard_scaling', scaling, 'choose from standard, minmax, robust, none') -%}
{%- endmacro %}
