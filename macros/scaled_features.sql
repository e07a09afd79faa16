{% macro scaled_features(features) -%}
    {{ return(adapter.dispatch('scaled_features', 'mallard')(features)) }}
{%- endmacro %}

{% macro default__scaled_features(features) -%}
    {%- for feature in features -%}
        cast(({{ feature }} - {{ feature }}_center) / nullif({{ feature }}_spread, 0) as double) as scaled_{{ feature }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
