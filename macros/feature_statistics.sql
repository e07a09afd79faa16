{% macro feature_statistics(relation, features, weight=none) -%}
    {{ return(adapter.dispatch('feature_statistics', 'mallard')(relation, features, weight)) }}
{%- endmacro %}

{# Means in three steps, since exact sums need to know how large their terms can be. The bounds are in the table's own
   statistics. #}
{% macro default__feature_statistics(relation, features, weight) -%}
    {%- set averaged = {} -%}
    {%- for feature in features if feature.fill == 'mean' or feature.scale in ['standard', 'log1p+standard'] -%}
        {%- do averaged.update({features.index(feature): mallard._value_of(feature)}) -%}
    {%- endfor -%}
    {%- if averaged -%}
    with bounds as (

        select
            {{- mallard._weight_scales(weight) }}
            {%- for n, value in averaged.items() %}
            min({{ value }}) as mallard__lowest_{{ n }},
            max({{ value }}) as mallard__highest_{{ n }},
            {{ mallard.sum_scale(mallard._weighted('greatest(abs(min(' ~ value ~ ')), abs(max(' ~ value ~ ')))', weight and 'max(' ~ weight ~ ')')) }} as mallard__scale_{{ n }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}

    ),

    means as (

        select
            {%- for n, value in averaged.items() %}
            {{ mallard.exact_sum(mallard._weighted(value, weight), 'mallard__scale_' ~ n) }} / {{ mallard._count(value, weight) }} as mallard__mean_{{ n }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}
        cross join bounds

    ),

    centered as (

        select
            *,
            {%- for n in averaged %}
            {{ mallard.sum_scale(mallard._weighted('pow(greatest(mallard__highest_' ~ n ~ ' - mallard__mean_' ~ n ~ ', mallard__mean_' ~ n ~ ' - mallard__lowest_' ~ n ~ '), 2)', weight and 'mallard__largest_weight')) }} as mallard__square_scale_{{ n }}{{ ',' if not loop.last }}
            {%- endfor %}
        from bounds
        cross join means

    )

    {% endif -%}
    select
        {%- for feature in features %}
        cast({{ mallard._center_of(feature, loop.index0, relation, weight) }} as double) as {{ mallard._quoted(feature.name ~ '_center') }},
        cast({{ mallard._spread_of(feature, loop.index0, relation, weight) }} as double) as {{ mallard._quoted(feature.name ~ '_spread') }}
        {%- if feature.fill != 'none' -%},
        cast({{ mallard._filler_of(feature, loop.index0, relation, weight) }} as double) as {{ mallard._quoted(feature.name ~ '_filler') }}
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

{% macro _center_of(feature, n, relation, weight) -%}
    {%- if feature.scale in ['standard', 'log1p+standard'] -%} any_value(mallard__mean_{{ n }})
    {%- elif feature.scale == 'minmax' -%} min({{ feature.expression }})
    {%- elif feature.scale == 'robust' -%} {{ mallard._quantile(feature.expression, 0.5, relation, weight) }}
    {%- elif feature.scale == 'none' -%} any_value(0)
    {%- else -%} {%- do mallard._refuse('scale', feature.scale, 'choose from standard, minmax, robust, log1p+standard, none') -%}
    {%- endif -%}
{%- endmacro %}

{% macro _spread_of(feature, n, relation, weight) -%}
    {%- if feature.scale in ['standard', 'log1p+standard'] -%}
        case
            when any_value(mallard__lowest_{{ n }}) = any_value(mallard__highest_{{ n }}) then 0
            else sqrt({{ mallard.exact_sum(mallard._weighted(mallard._square_of(mallard._value_of(feature) ~ ' - mallard__mean_' ~ n), weight), 'mallard__square_scale_' ~ n) }} / {{ mallard._count(feature.expression, weight) }})
        end
    {%- elif feature.scale == 'minmax' -%} max({{ feature.expression }}) - min({{ feature.expression }})
    {%- elif feature.scale == 'robust' -%} {{ mallard._quantile(feature.expression, 0.75, relation, weight) }} - {{ mallard._quantile(feature.expression, 0.25, relation, weight) }}
    {%- elif feature.scale == 'none' -%} any_value(1)
    {%- endif -%}
{%- endmacro %}

{% macro _filler_of(feature, n, relation, weight) -%}
    {%- if feature.fill == 'mean' -%} any_value(mallard__mean_{{ n }})
    {%- else -%} {{ mallard._quantile(mallard._value_of(feature), 0.5, relation, weight) }}
    {%- endif -%}
{%- endmacro %}

{# A product: pow() takes several times as long. #}
{% macro _square_of(expression) -%}
    ({{ expression }}) * ({{ expression }})
{%- endmacro %}
