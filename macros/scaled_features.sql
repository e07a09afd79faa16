{% macro scaled_features(statistics) -%}
    {{ return(adapter.dispatch('scaled_features', 'mallard')(statistics)) }}
{%- endmacro %}

{% macro default__scaled_features(statistics) -%}
    {%- for of in statistics -%}
        ({{ of.feature }} - {{ mallard._double(of.center) }}) / {{ mallard._double(of.spread) }} as scaled_{{ of.feature }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}

{% macro _double(digits) -%}
    cast({{ "'" ~ digits ~ "'" if digits else 'null' }} as double)
{%- endmacro %}
