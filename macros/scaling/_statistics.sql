{# One row with center_<n>, spread_<n> and filler_<n> of each feature, or one for each group of rows, if `by` names columns. Means take
   three steps, because an exact sum needs to know how large its terms can be. The bounds come from the table's own statistics. #}
{% macro _statistics(relation, features, by=none) -%}
    {%- set weight = features.weight -%}
    {%- set first = by ~ ',' if by else '' -%}
    {%- set grouped = 'group by ' ~ by if by else '' -%}
    {%- set join, using = ('inner join', 'using (' ~ by ~ ')') if by else ('cross join', '') -%}
    {%- set largest_weight = weight and 'max(' ~ weight ~ ')' -%}
    {%- set averaged = {} -%}
    {%- for feature in features.features -%}
        {%- if feature.fill == 'mean' or mallard._scale_of(feature).center == 'mean' -%}
            {%- do averaged.update({loop.index0: mallard._value_of(feature)}) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if averaged -%}
    with mallard__bounds as (

        select
            {{ first }}
            {{- mallard._weight_scales(weight) }}
            {%- for n, value in averaged.items() %}
            min({{ value }}) as mallard__lowest_{{ n }},
            max({{ value }}) as mallard__highest_{{ n }},
            {%- set largest = 'greatest(abs(min(' ~ value ~ ')), abs(max(' ~ value ~ ')))' %}
            {{ mallard.sum_scale(mallard._weighted(largest, largest_weight)) }} as mallard__scale_{{ n }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}
        {{ grouped }}

    ),

    mallard__means as (

        select
            {{ first }}
            {%- for n, value in averaged.items() %}
            {%- set sum = mallard.exact_sum(mallard._weighted(value, weight), 'mallard__scale_' ~ n) %}
            {{ sum }} / {{ mallard._count(value, weight) }} as mallard__mean_{{ n }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}
        {{ join }} mallard__bounds {{ using }}
        {{ grouped }}

    ),

    mallard__centered as (

        select
            *,
            {%- for n in averaged %}
            {%- set above, below = 'mallard__highest_N - mallard__mean_N', 'mallard__mean_N - mallard__lowest_N' %}
            {%- set largest = ('pow(greatest(' ~ above ~ ', ' ~ below ~ '), 2)') | replace('N', n | string) %}
            {{ mallard.sum_scale(mallard._weighted(largest, weight and 'mallard__largest_weight')) }} as mallard__square_scale_{{ n }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from mallard__bounds
        {{ join }} mallard__means {{ using }}

    )

    {% endif -%}
    select
        {{ first }}
        {%- for feature in features.features %}
        {%- set n = loop.index0 %}
        {%- set scale = mallard._scale_of(feature) %}
        cast({{ mallard._statistic(scale.center, feature, n, relation, weight) }} as double) as center_{{ n }},
        cast({{ mallard._statistic(scale.spread, feature, n, relation, weight) }} as double) as spread_{{ n }},
        cast({{ mallard._statistic(feature.fill, feature, n, relation, weight) }} as double) as filler_{{ n }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    {%- if averaged %}
    {{ join }} mallard__centered {{ using }}
    {%- endif %}
    {{ grouped }}
{%- endmacro %}

{# An aggregate of the values of a feature, by the name that _scales has for it. #}
{% macro _statistic(kind, feature, n, relation, weight) -%}
    {%- set value = mallard._value_of(feature) -%}
    {%- if kind == 'mean' -%} any_value(mallard__mean_{{ n }})
    {%- elif kind == 'minimum' -%} min({{ value }})
    {%- elif kind == 'median' -%} {{ mallard._quantile(value, 0.5, relation, weight) }}
    {%- elif kind == 'range' -%} max({{ value }}) - min({{ value }})
    {%- elif kind == 'quartile_range' -%} {{ mallard._quantile(value, 0.75, relation, weight) }} - {{ mallard._quantile(value, 0.25, relation, weight) }}
    {%- elif kind == 'zero' -%} any_value(0)
    {%- elif kind == 'one' -%} any_value(1)
    {%- elif kind == 'none' -%} null
    {%- elif kind == 'deviation' -%}
        case
            when any_value(mallard__lowest_{{ n }}) = any_value(mallard__highest_{{ n }}) then 0
            {%- set square = mallard._weighted(mallard._square_of(value ~ ' - mallard__mean_' ~ n), weight) %}
            {%- set count = mallard._count(feature.expression, weight) %}
            else sqrt({{ mallard.exact_sum(square, 'mallard__square_scale_' ~ n) }} / {{ count }})
        end
    {%- endif -%}
{%- endmacro %}

{# A product, because pow() takes several times as long. #}
{% macro _square_of(expression) -%}
    ({{ expression }}) * ({{ expression }})
{%- endmacro %}
