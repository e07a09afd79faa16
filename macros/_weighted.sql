{# What SQL says of customers of whom each counts as often as a weight says; once, if that is none. #}
{% macro _weighted(expression, weight) -%}
    {{ return('(' ~ expression ~ ') * ' ~ weight if weight else expression) }}
{%- endmacro %}

{# How often those count for whom an expression isn't null. #}
{% macro _count(expression, weight) -%}
    {{ return(mallard.exact_sum('case when (' ~ expression ~ ') is not null then ' ~ weight ~ ' end', 'mallard__weight_scale') if weight else 'count(' ~ expression ~ ')') }}
{%- endmacro %}

{# What sums of weights need to know beforehand: the beginning of a select list. #}
{% macro _weight_scales(weight) -%}
    {%- if weight %}
            max({{ weight }}) as mallard__largest_weight,
            {{ mallard.sum_scale('max(' ~ weight ~ ')') }} as mallard__weight_scale,
    {%- endif -%}
{%- endmacro %}

{# Of W customers in the order of a value, counted from 0, the one at the place p * (W - 1); between two places the line between
   their values. Weights are added up as whole numbers, as all sums are. #}
{% macro _quantile(value, p, relation, weight) -%}
    {%- if not weight -%}
    quantile_cont({{ value }}, {{ p }})
    {%- else -%}
    any_value((
        select lower_value + (place - floor(place)) * (upper_value - lower_value)
        from (
            select
                any_value(place) as place,
                min(value) filter (up_to > floor(place)) as lower_value,
                coalesce(min(value) filter (up_to > floor(place) + 1), max(value)) as upper_value
            from (
                select
                    value,
                    cast(sum(units) over (order by value) as double) / unit as up_to,
                    greatest({{ p }} * (cast(sum(units) over () as double) / unit - 1), 0) as place
                from (
                    select value, unit, cast(weight * unit as bigint) as units
                    from (
                        select {{ value }} as value, {{ weight }} as weight, {{ mallard.sum_scale('max(' ~ weight ~ ') over ()') }} as unit
                        from {{ relation }}
                    )
                    where value is not null
                )
            )
        )
    ))
    {%- endif -%}
{%- endmacro %}
