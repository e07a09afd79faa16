{# The register of scales: x is scaled as (value of x - center) / spread. `value` and its `inverse` are SQL in which {} stands for
   a number; `center` and `spread` are statistics of the values, see _statistic. The library has the meaning of each in
   inputs/scales.py. #}
{% macro _scales() -%}
    {{ return({
        'standard': {'value': '{}', 'center': 'mean', 'spread': 'deviation', 'inverse': '{}'},
        'minmax': {'value': '{}', 'center': 'minimum', 'spread': 'range', 'inverse': '{}'},
        'robust': {'value': '{}', 'center': 'median', 'spread': 'quartile_range', 'inverse': '{}'},
        'log1p+standard': {'value': 'ln(1 + {})', 'center': 'mean', 'spread': 'deviation', 'inverse': 'exp({}) - 1'},
        'none': {'value': '{}', 'center': 'zero', 'spread': 'one', 'inverse': '{}'},
    }) }}
{%- endmacro %}

{% macro _scale_of(feature) -%}
    {%- set scales = mallard._scales() -%}
    {%- if feature.scale not in scales -%}
        {%- do mallard._refuse('scale', feature.scale, 'choose from ' ~ scales | join(', ')) -%}
    {%- endif -%}
    {{ return(scales[feature.scale]) }}
{%- endmacro %}

{# What is scaled: the feature, or its logarithm. #}
{% macro _value_of(feature) -%}
    {{ return(mallard._scale_of(feature).value | replace('{}', feature.expression)) }}
{%- endmacro %}
