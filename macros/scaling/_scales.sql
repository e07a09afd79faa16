{# The register of scales: x is scaled as (value of x - center) / spread. `value` and its `inverse` are SQL in which {} stands for
   a number, and {unit} for the unit of the feature, if the scale has one; `center` and `spread` are statistics of the values, see
   _statistic. The features that a column of categories gives share a spread, if `of_column`. `portable` is a value that DuckDB knows from
   1.0 on, which can differ in the last digit. The library has the meaning of each in inputs/scales.py. #}
{% macro _scales() -%}
    {{ return({
        'standard': {'value': '{}', 'center': 'mean', 'spread': 'deviation', 'inverse': '{}'},
        'minmax': {'value': '{}', 'center': 'minimum', 'spread': 'range', 'inverse': '{}'},
        'robust': {'value': '{}', 'center': 'median', 'spread': 'quartile_range', 'inverse': '{}'},
        'log1p+standard': {'value': 'ln(1 + {})', 'center': 'mean', 'spread': 'deviation', 'inverse': 'exp({}) - 1'},
        'asinh+standard': {
            'value': 'asinh({} / {unit})', 'center': 'mean', 'spread': 'deviation', 'inverse': 'sinh({}) * {unit}', 'has_unit': true,
            'portable': 'sign({}) * ln(abs({} / {unit}) + sqrt({} / {unit} * ({} / {unit}) + 1))'
        },
        'category': {'value': '{}', 'center': 'zero', 'spread': 'deviation', 'inverse': '{}', 'of_column': true},
        'none': {'value': '{}', 'center': 'zero', 'spread': 'one', 'inverse': '{}'},
    }) }}
{%- endmacro %}

{% macro _scale_of(feature) -%}
    {%- set scales = mallard._scales() -%}
    {%- if feature.scale not in scales -%}
        {%- set names = ['auto'] + scales | reject('eq', 'category') | list -%}
        {%- do mallard._refuse('scale', feature.scale, 'choose from ' ~ names | join(', ')) -%}
    {%- endif -%}
    {{ return(scales[feature.scale]) }}
{%- endmacro %}

{# What is scaled: the feature, or its logarithm. `unit` is SQL. #}
{% macro _value_of(feature, unit) -%}
    {%- set scale = mallard._scale_of(feature) -%}
    {%- set value = scale.get('portable', scale.value) if feature.is_portable else scale.value -%}
    {{ return(value | replace('{unit}', unit) | replace('{}', feature.expression)) }}
{%- endmacro %}
