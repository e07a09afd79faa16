{% macro feature_statistics(relation, features) -%}
    {{ return(adapter.dispatch('feature_statistics', 'mallard')(relation, features)) }}
{%- endmacro %}

{# Means in three steps, since exact sums need to know how large their terms can be. The bounds are in the table's own
   statistics. #}
{% macro default__feature_statistics(relation, features) -%}
    {%- set averaged = {} -%}
    {%- for feature in features if feature.fill == 'mean' or feature.scale in ['standard', 'log1p+standard'] -%}
        {%- do averaged.update({features.index(feature): mallard._value_of(feature)}) -%}
    {%- endfor -%}
    {%- if averaged -%}
    with bounds as (

        select
            {%- for n, value in averaged.items() %}
            min({{ value }}) as mallard__lowest_{{ n }},
            max({{ value }}) as mallard__highest_{{ n }},
            {{ mallard.sum_scale('greatest(abs(min(' ~ value ~ ')), abs(max(' ~ value ~ ')))') }} as mallard__scale_{{ n }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}

    ),

    means as (

        select
            {%- for n, value in averaged.items() %}
            {{ mallard.exact_sum(value, 'mallard__scale_' ~ n) }} / count({{ value }}) as mallard__mean_{{ n }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}
        cross join bounds

    ),

    centered as (

        select
            *,
            {%- for n in averaged %}
            {{ mallard.sum_scale('pow(greatest(mallard__highest_' ~ n ~ ' - mallard__mean_' ~ n ~ ', mallard__mean_' ~ n ~ ' - mallard__lowest_' ~ n ~ '), 2)') }} as mallard__square_scale_{{ n }}{{ ',' if not loop.last }}
            {%- endfor %}
        from bounds
        cross join means

    )

    {% endif -%}
    select
        {%- for feature in features %}
        cast({{ mallard._center_of(feature, loop.index0) }} as double) as {{ mallard._quoted(feature.name ~ '_center') }},
        cast({{ mallard._spread_of(feature, loop.index0) }} as double) as {{ mallard._quoted(feature.name ~ '_spread') }}
        {%- if feature.fill != 'none' -%},
        cast({{ mallard._filler_of(feature, loop.index0) }} as double) as {{ mallard._quoted(feature.name ~ '_filler') }}
        {%- endif -%}
        {{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    {%- if averaged %}
    cross join centered
    {%- endif -%}
{%- endmacro %}

{% macro _value_of(feature) -%}
    {{ return('ln(1 + ' ~ feature.expression ~ ')' if feature.scale == 'log1p+standard' else feature.expression) }}
{%- endmacro %}

{% macro _center_of(feature, n) -%}
    {%- if feature.scale in ['standard', 'log1p+standard'] -%} any_value(mallard__mean_{{ n }})
    {%- elif feature.scale == 'minmax' -%} min({{ feature.expression }})
    {%- elif feature.scale == 'robust' -%} median({{ feature.expression }})
    {%- elif feature.scale == 'none' -%} any_value(0)
    {%- else -%} {%- do mallard._refuse('scale', feature.scale, 'choose from standard, minmax, robust, log1p+standard, none') -%}
    {%- endif -%}
{%- endmacro %}

{% macro _spread_of(feature, n) -%}
    {%- if feature.scale in ['standard', 'log1p+standard'] -%}
        case
            when any_value(mallard__lowest_{{ n }}) = any_value(mallard__highest_{{ n }}) then 0
            else sqrt({{ mallard.exact_sum(mallard._square_of(mallard._value_of(feature) ~ ' - mallard__mean_' ~ n), 'mallard__square_scale_' ~ n) }} / count({{ feature.expression }}))
        end
    {%- elif feature.scale == 'minmax' -%} max({{ feature.expression }}) - min({{ feature.expression }})
    {%- elif feature.scale == 'robust' -%} quantile_cont({{ feature.expression }}, 0.75) - quantile_cont({{ feature.expression }}, 0.25)
    {%- elif feature.scale == 'none' -%} any_value(1)
    {%- endif -%}
{%- endmacro %}

{% macro _filler_of(feature, n) -%}
    {%- if feature.fill == 'mean' -%} any_value(mallard__mean_{{ n }})
    {%- else -%} median({{ mallard._value_of(feature) }})
    {%- endif -%}
{%- endmacro %}

{# A product: pow() takes several times as long. #}
{% macro _square_of(expression) -%}
    ({{ expression }}) * ({{ expression }})
{%- endmacro %}
