{# One row with median_<n> of each expression, or one for each group of rows, if `by` names a column. A median of weighted customers is what
   _quantile says: the value at the place (W - 1) / 2, counted from 0. #}
{% macro _medians(relation, expressions, weight, by=none) -%}
    {%- set first = by ~ ',' if by else '' -%}
    select
        {{ first }}
        {%- for expression in expressions %}
        {%- set n = loop.index0 %}
        {{ 'any_value(median) filter (n = ' ~ n ~ ')' if weight else 'quantile_cont(' ~ expression ~ ', 0.5)' }} as median_{{ n }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ '(' ~ mallard._weighted_medians(relation, expressions, weight, by) ~ ')' if weight else relation }}
    {{ 'group by ' ~ by if by }}
{%- endmacro %}

{# One row per expression, n from 0, and group. To sort all customers would take long and much memory, so values are first counted in bins,
   rounded to 8 bits: by a product and two differences (Veltkamp), which never change the order of two values. Only what is in the bins
   around the place is sorted. All expressions share a query, because a query for each would take DuckDB long to plan. #}
{% macro _weighted_medians(relation, expressions, weight, by) -%}
    {%- set first = by ~ ',' if by else '' -%}
    {%- set grouped = 'group by ' ~ by if by else '' -%}
    {%- set join, using = ('inner join', 'using (' ~ by ~ ')') if by else ('cross join', '') -%}
    {%- set key = first ~ ' n' -%}
    with mallard__units as (

        select {{ first }} {{ mallard.default__sum_scale('max(' ~ weight ~ ')') }} as unit
        from {{ relation }}
        {{ grouped }}

    ),

    mallard__bins as (

        select
            {{ key }},
            any_value(unit) as unit,
            sum(cast(weight * unit as bigint)) as units,
            min(value) as lowest,
            max(value) as highest
        from (
            select
                {{ first }}
                {{ weight }} as weight,
                unnest([{{ expressions | join(', ') }}]) as value,
                unnest(range({{ expressions | length }})) as n
            from {{ relation }}
        )
        {{ join }} mallard__units {{ using }}
        where value is not null
        group by
            {{ key }},
            case
                when abs(value) < 1e290 then value * {{ 2 ** 45 + 1 }} - (value * {{ 2 ** 45 + 1 }} - value)
                else sign(value) * 1e290
            end

    ),

    mallard__up_to as (

        select
            *,
            sum(units) over (partition by {{ key }} order by lowest asc) as up_to,
            greatest((cast(sum(units) over (partition by {{ key }}) as double) / unit - 1) / 2, 0) as place
        from mallard__bins

    ),

    mallard__around as (

        select
            {{ key }},
            any_value(unit) as unit,
            any_value(place) as place,
            min(up_to - units) as before,
            min(lowest) as lowest,
            max(highest) as highest
        from mallard__up_to
        where
            cast(up_to as double) / unit > floor(place)
            and cast(up_to - units as double) / unit <= floor(place) + 1
        group by {{ key }}

    ),

    mallard__bounds as (

        select
            {{ first }}
            {%- for _ in expressions %}
            {%- set n = loop.index0 %}
            any_value(lowest) filter (n = {{ n }}) as mallard__lowest_{{ n }},
            any_value(highest) filter (n = {{ n }}) as mallard__highest_{{ n }}{{ ',' if not loop.last }}
            {%- endfor %}
        from mallard__around
        {{ grouped }}

    ),

    mallard__at as (

        select
            {{ key }},
            place,
            value,
            cast(before + sum(cast(weight * unit as bigint)) over (partition by {{ key }} order by value asc) as double) / unit as up_to
        from (
            select
                {{ first }}
                {{ weight }} as weight,
                unnest([
                    {%- for expression in expressions %}
                    {%- set n = loop.index0 %}
                    case when {{ expression }} between mallard__lowest_{{ n }} and mallard__highest_{{ n }} then {{ expression }} end
                    {{- ',' if not loop.last }}
                    {%- endfor %}
                ]) as value,
                unnest(range({{ expressions | length }})) as n
            from {{ relation }}
            {{ join }} mallard__bounds {{ using }}
        )
        inner join mallard__around using ({{ key }})
        where value is not null

    )

    select
        {{ key }},
        lower_value + (place - floor(place)) * (upper_value - lower_value) as median
    from (
        select
            {{ key }},
            any_value(place) as place,
            min(value) filter (up_to > floor(place)) as lower_value,
            coalesce(min(value) filter (up_to > floor(place) + 1), max(value)) as upper_value
        from mallard__at
        group by {{ key }}
    )
{%- endmacro %}
