{% macro feature_spread(column, scaling) -%}
    {{ return(adapter.dispatch('feature_spread', 'mallard')(column, scaling)) }}
{%- endmacro %}

{% macro default__feature_spread(column, scaling) -%}
    {%- if scaling == 'standard' -%}
        stddev_pop({{ column }} order by {{ column }})
    {%- elif scaling == 'minmax' -%}
        max({{ column }}) - min({{ column }})
    {%- elif scaling == 'robust' -%}
        quantile_cont({{ column }}, 0.75) - quantile_cont({{ column }}, 0.25)
    {%- elif scaling == 'none' -%}
        1
    {%- else -%}
        {%- do mallard._refuse_scaling(scaling) -%}
    {%- endif -%}
{%- endmacro %}
