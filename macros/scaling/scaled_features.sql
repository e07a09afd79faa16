{% macro scaled_features(statistics, prefix='scaled_', with_weight=true) -%}
    {{ return(mallard._sql(adapter.dispatch('scaled_features', 'mallard')(statistics, prefix, with_weight))) }}
{%- endmacro %}

{# If customers have weights, they go along as a column that the fit looks for. #}
{% macro default__scaled_features(statistics, prefix='scaled_', with_weight=true) -%}
    {%- for of in statistics.features -%}
        {{ mallard._scaled(of) }} as {{ mallard._quoted(prefix ~ of.name) }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
    {{ ',\n        ' ~ statistics.weight ~ ' as "mallard__weight"' if statistics.weight and with_weight }}
{%- endmacro %}

{% macro _scaled(of) -%}
    {{ return(mallard._scaled_vector(of) if of.size else mallard._scaled_number(of)) }}
{%- endmacro %}

{% macro _scaled_number(of) -%}
    {%- set weight = ' * ' ~ mallard._double(of.weight) if of.weight | string != '1' else '' -%}
    ({{ mallard._filled_in(of) }} - {{ mallard._double(of.center) }}) / {{ mallard._double(of.spread) }}{{ weight }}
{%- endmacro %}

{# What is scaled of every customer: the value, or what stands for a missing one. #}
{% macro _filled_in(of) -%}
    {%- set value = mallard._value_of(of, mallard._double(of.unit)) -%}
    {{ return(value if of.filler is none else 'coalesce(' ~ value ~ ', ' ~ mallard._double(of.filler) ~ ')') }}
{%- endmacro %}

{# Each position is scaled by itself. #}
{% macro _scaled_vector(of) -%}
    {%- if not of.is_scaled and of.filler is none and of.weight | string == '1' -%}
        {{ return(of.expression) }}
    {%- endif -%}
    {%- set zipped = [of.expression, mallard._double(of.center, 'double[]'), mallard._double(of.spread, 'double[]')] -%}
    {%- if mallard._scale_of(of).has_unit -%} {%- do zipped.append(mallard._double(of.unit, 'double[]')) -%} {%- endif -%}
    {%- set value = mallard._value_of(dict(of, expression='x[1]'), 'x[4]') -%}
    {%- if of.filler is not none -%}
        {%- do zipped.append(mallard._double(of.filler, 'double[]')) -%}
        {%- set value = 'coalesce(' ~ value ~ ', x[' ~ zipped | length ~ '])' -%}
    {%- endif -%}
    {%- set weight = ' * ' ~ mallard._double(of.weight) if of.weight | string != '1' else '' -%}
    {%- set scaled = '[(' ~ value ~ ' - x[2]) / x[3]' ~ weight ~ ' for x in list_zip(' ~ zipped | join(', ') ~ ')]' -%}
    {%- set is_known = 'true' if of.filler is not none else of.expression ~ ' is not null' -%}
    cast(case when {{ is_known }} then {{ scaled }} end as double[{{ of.size }}])
{%- endmacro %}
