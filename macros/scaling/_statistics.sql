{# One row with center_<n>, spread_<n>, filler_<n> and unit_<n> of each feature, or one for each group of rows, if `by` names columns; and
   median_<n>, and what tells the shape of a feature, see _shape, if it asks for them. Means take three steps, because an exact sum needs to know how
   large its terms can be; a unit is one step before. The bounds come from the table's own statistics. #}
{% macro _statistics(relation, features, by=none) -%}
    {%- set weight = features.weight -%}
    {%- set first = by ~ ',' if by else '' -%}
    {%- set grouped = 'group by ' ~ by if by else '' -%}
    {%- set join, using = ('inner join', 'using (' ~ by ~ ')') if by else ('cross join', '') -%}
    {%- set largest_weight = weight and 'max(' ~ weight ~ ')' -%}
    {%- set averaged, units, quartiles, quantiles = {}, {}, [], [] -%}
    {%- for feature in features.features -%}
        {%- set scale = mallard._scale_of(feature) -%}
        {%- if feature.fill == 'mean' or scale.center == 'mean' or scale.spread == 'deviation' -%}
            {%- do averaged.update({loop.index0: mallard._value_in_statistics(feature, loop.index0)}) -%}
        {%- endif -%}
        {%- if scale.has_unit -%} {%- do units.update({loop.index0: feature.expression}) -%} {%- endif -%}
    {%- endfor -%}
    {%- set ctes = [] -%}
    {%- if units -%}
        {%- set columns -%}
            {%- for n, value in units.items() %}
            {{ mallard._unit(value, quartiles) }} as mallard__unit_{{ n }}{{ ',' if not loop.last }}
            {%- endfor %}
        {%- endset -%}
        {%- set cte -%}
    mallard__units as (

        select
            {{ first }}
            {{- columns }}
        from {{ relation }}
        {{ mallard._join_quantiles(relation, quartiles, weight, by) }}
        {{ grouped }}

    )
        {%- endset -%}
        {%- do ctes.append(cte) -%}
        {%- set relation = '(select * from ' ~ relation ~ ' ' ~ join ~ ' mallard__units ' ~ using ~ ')' -%}
    {%- endif -%}
    {%- if averaged -%}
        {%- set cte -%}
    mallard__bounds as (

        select
            {{ first }}
            {{- mallard._weight_scales(weight) }}
            {%- for n, value in averaged.items() %}
            min({{ value }}) as mallard__lowest_{{ n }},
            max({{ value }}) as mallard__highest_{{ n }},
            {%- set largest = 'greatest(abs(min(' ~ value ~ ')), abs(max(' ~ value ~ ')))' %}
            {{ mallard.default__sum_scale(mallard._weighted(largest, largest_weight)) }} as mallard__scale_{{ n }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}
        {{ grouped }}

    ),

    mallard__means as (

        select
            {{ first }}
            {%- for n, value in averaged.items() %}
            {%- set sum = mallard.default__exact_sum(mallard._weighted(value, weight), 'mallard__scale_' ~ n) %}
            {{ sum }} / {{ mallard._count(value, weight) }} as mallard__mean_{{ n }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ relation }}
        {{ join }} mallard__bounds {{ using }}
        {{ grouped }}

    ),

    mallard__reaches as (

        select
            *,
            {%- for n in averaged %}
            {%- set above, below = 'mallard__highest_N - mallard__mean_N', 'mallard__mean_N - mallard__lowest_N' %}
            {{ ('greatest(' ~ above ~ ', ' ~ below ~ ')') | replace('N', n | string) }} as mallard__reach_{{ n }}{{ ',' if not loop.last }}
            {%- endfor %}
        from mallard__bounds
        {{ join }} mallard__means {{ using }}

    ),

    mallard__centered as (

        select
            *,
            {%- for n in averaged %}
            {%- set largest = 'pow(mallard__reach_' ~ n ~ ', 2)' %}
            {{ mallard.default__sum_scale(mallard._weighted(largest, weight and 'mallard__largest_weight')) }} as mallard__square_scale_{{ n }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from mallard__reaches

    )
        {%- endset -%}
        {%- do ctes.append(cte) -%}
    {%- endif -%}
    {%- set columns -%}
        {%- for feature in features.features %}
        {%- set n = loop.index0 %}
        {%- set scale = mallard._scale_of(feature) %}
        {%- if feature.with_shape %}
        {{ mallard._shape(feature, n, weight) }},
        {%- endif %}
        {%- if feature.with_median %}
        cast({{ mallard._statistic('median', feature, n, weight, quantiles) }} as double) as median_{{ n }},
        {%- endif %}
        cast({{ 'any_value(mallard__unit_' ~ n ~ ')' if scale.has_unit else 'null' }} as double) as unit_{{ n }},
        cast({{ mallard._statistic(scale.center, feature, n, weight, quantiles) }} as double) as center_{{ n }},
        cast({{ mallard._statistic(scale.spread, feature, n, weight, quantiles) }} as double) as spread_{{ n }},
        cast({{ mallard._statistic(feature.fill, feature, n, weight, quantiles) }} as double) as filler_{{ n }}{{ ',' if not loop.last }}
        {%- endfor %}
    {%- endset -%}
    {{ 'with ' ~ ctes | join(',\n\n    ') if ctes }}
    select
        {{ first }}
        {{- columns }}
    from {{ relation }}
    {%- if averaged %}
    {{ join }} mallard__centered {{ using }}
    {%- endif %}
    {{ mallard._join_quantiles(relation, quantiles, weight, by) }}
    {{ grouped }}
{%- endmacro %}

{# Where a group has no value, there is none of its quantiles. #}
{% macro _join_quantiles(relation, quantiles, weight, by) -%}
    {%- if quantiles -%}
    {{ 'left' if by else 'cross' }} join ({{ mallard._quantiles(relation, quantiles, weight, by) }}) as mallard__quantiles {{ 'using (' ~ by ~ ')' if by }}
    {%- endif -%}
{%- endmacro %}

{# A quantile of the values of a row's group. It is added to those that are to be joined, if it isn't one of them. #}
{% macro _quantile(value, p, quantiles) -%}
    {%- if [value, p] not in quantiles -%} {%- do quantiles.append([value, p]) -%} {%- endif -%}
    any_value(mallard__quantile_{{ quantiles.index([value, p]) }})
{%- endmacro %}

{# What is scaled, where the unit is a column. #}
{% macro _value_in_statistics(feature, n) -%}
    {{ return(mallard._value_of(feature, 'mallard__unit_' ~ n)) }}
{%- endmacro %}

{# The first quartile of the absolute values that aren't 0; 1 if all are 0. Not so small that a value divided by it overflows. #}
{% macro _unit(value, quartiles) -%}
    {%- set quartile = mallard._quantile('abs(nullif(' ~ value ~ ', 0))', 0.25, quartiles) -%}
    coalesce(nullif(greatest({{ quartile }}, max(abs({{ value }})) / 1e100), 0), 1)
{%- endmacro %}

{# An aggregate of the values of a feature, by the name that _scales has for it. #}
{% macro _statistic(kind, feature, n, weight, quantiles) -%}
    {%- set value = mallard._value_in_statistics(feature, n) -%}
    {%- if kind == 'mean' -%} any_value(mallard__mean_{{ n }})
    {%- elif kind == 'minimum' -%} min({{ value }})
    {%- elif kind == 'median' -%} {{ mallard._quantile(value, 0.5, quantiles) }}
    {%- elif kind == 'range' -%} max({{ value }}) - min({{ value }})
    {%- elif kind == 'quartile_range' -%}
        {{ mallard._quantile(value, 0.75, quantiles) }} - {{ mallard._quantile(value, 0.25, quantiles) }}
    {%- elif kind == 'zero' -%} any_value(0)
    {%- elif kind == 'one' -%} any_value(1)
    {%- elif kind == 'none' -%} null
    {%- elif kind == 'deviation' -%}
        case
            when any_value(mallard__lowest_{{ n }}) = any_value(mallard__highest_{{ n }}) then 0
            {%- set square = mallard._weighted(mallard._square_of(value ~ ' - mallard__mean_' ~ n), weight) %}
            {%- set count = mallard._count(feature.expression, weight) %}
            else sqrt({{ mallard.default__exact_sum(square, 'mallard__square_scale_' ~ n) }} / {{ count }})
        end
    {%- endif -%}
{%- endmacro %}

{# A product, because pow() takes several times as long. #}
{% macro _square_of(expression) -%}
    ({{ expression }}) * ({{ expression }})
{%- endmacro %}
