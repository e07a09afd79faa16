{% macro feature_statistics(features, scaling) -%}
    {{ return(adapter.dispatch('feature_statistics', 'mallard')(features, scaling)) }}
{%- endmacro %}

{% macro default__feature_statistics(features, scaling) -%}
    {%- for feature in features %}
        {{- mallard._center_of(feature, scaling) }} as {{ feature }}_center,
        {{ mallard._spread_of(feature, scaling) }} as {{ feature }}_spread{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{# Ordered aggregates: a sum of doubles depends on the order of its terms, and the order of rows on threads. #}
{% macro _center_of(feature, scaling) -%}
    {%- if scaling == 'standard' -%} avg({{ feature }} order by {{ feature }})
    {%- elif scaling == 'minmax' -%} min({{ feature }})
    {%- elif scaling == 'robust' -%} median({{ feature }})
    {%- elif scaling == 'none' -%} any_value(0)
    {%- else -%} {%- do mallard._refuse('mallard_scaling', scaling, 'choose from standard, minmax, robust, none') -%}
    {%- endif -%}
{%- endmacro %}

{% macro _spread_of(feature, scaling) -%}
    {%- if scaling == 'standard' -%} stddev_pop({{ feature }} order by {{ feature }})
    {%- elif scaling == 'minmax' -%} max({{ feature }}) - min({{ feature }})
    {%- elif scaling == 'robust' -%} quantile_cont({{ feature }}, 0.75) - quantile_cont({{ feature }}, 0.25)
    {%- elif scaling == 'none' -%} any_value(1)
    {%- endif -%}
{%- endmacro %}
