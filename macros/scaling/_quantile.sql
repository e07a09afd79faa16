{# The value at the place p * (W - 1) of W customers in the order of their values, counted from 0. Between two places lies the straight line
   between their values. If `by` names a column, the quantile is that of its group in mallard__all. #}
{% macro _quantile(value, p, relation, weight, by=none) -%}
    {%- if not weight -%}
    quantile_cont({{ value }}, {{ p }})
    {%- else -%}
    any_value((
        select lower_value + (place - floor(place)) * (upper_value - lower_value)
        from ({{ mallard._values_at_place(value, p, relation, weight, by) }}) as mallard__at
        {{ 'where mallard__at.' ~ by ~ ' = mallard__all.' ~ by if by }}
    ))
    {%- endif -%}
{%- endmacro %}

{# The place of a quantile among weighted customers, and the values at it and after it. Weights are added as whole numbers, as in all sums.
   To sort all customers would take long and much memory, so values are first counted in bins, rounded to 8 bits: by a product and
   two differences (Veltkamp), which never change the order of two values. Only the bins around the place are sorted. #}
{% macro _values_at_place(value, p, relation, weight, by) -%}
    {%- set first = by ~ ',' if by else '' -%}
    {%- set grouped = 'group by ' ~ by if by else '' -%}
    {%- set partition = 'partition by ' ~ by if by else '' -%}
    {%- set join, using = ('inner join', 'using (' ~ by ~ ')') if by else ('cross join', '') -%}
    with mallard__known as not materialized (

        select
            {{ first }}
            unit,
            value,
            cast(weight * unit as bigint) as units,
            case
                when abs(value) < 1e290 then value * {{ 2 ** 45 + 1 }} - (value * {{ 2 ** 45 + 1 }} - value)
                else sign(value) * 1e290
            end as bin
        from (select {{ first }} {{ value }} as value, {{ weight }} as weight from {{ relation }} as mallard__some)
        {{ join }} (
            select {{ first }} {{ mallard.sum_scale('max(' ~ weight ~ ')') }} as unit
            from {{ relation }} as mallard__some
            {{ grouped }}
        ) {{ using }}
        where value is not null

    ),

    mallard__bins as (

        select
            {{ first }}
            any_value(unit) as unit,
            sum(units) as units,
            min(value) as lowest,
            max(value) as highest
        from mallard__known
        group by {{ first }} bin

    ),

    mallard__up_to as (

        select
            *,
            sum(units) over ({{ partition }} order by lowest asc) as up_to,
            greatest({{ p }} * (cast(sum(units) over ({{ partition }}) as double) / unit - 1), 0) as place
        from mallard__bins

    ),

    mallard__around as (

        select
            {{ first }}
            any_value(place) as place,
            min(up_to - units) as before,
            min(lowest) as lowest,
            max(highest) as highest
        from mallard__up_to
        where
            cast(up_to as double) / unit > floor(place)
            and cast(up_to - units as double) / unit <= floor(place) + 1
        {{ grouped }}

    )

    select
        {{ first }}
        any_value(place) as place,
        min(value) filter (up_to > floor(place)) as lower_value,
        coalesce(min(value) filter (up_to > floor(place) + 1), max(value)) as upper_value
    from (
        select
            {{ first }}
            value,
            place,
            cast(before + sum(units) over ({{ partition }} order by value asc) as double) / unit as up_to
        from mallard__known
        {{ join }} mallard__around {{ using }}
        where value between lowest and highest
    )
    {{ grouped }}
{%- endmacro %}
