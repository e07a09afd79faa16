{# One row with mallard__quantile_<n> of each that is wanted, an expression and p; or one for each group of rows, if `by` names columns.
   It is the value at the place p * (W - 1) of W customers in the order of their values, counted from 0; between two places lies the straight line
   between their values. Weights are added as whole numbers, as in all sums. #}
{% macro _quantiles(relation, wanted, weight, by=none) -%}
    select
        {{ by ~ ',' if by }}
        {%- for _ in wanted %}
        any_value(quantile) filter (n = {{ loop.index0 }}) as mallard__quantile_{{ loop.index0 }}{{ ',' if not loop.last }}
        {%- endfor %}
    from ({{ mallard._rows_of_quantiles(relation, wanted, weight, by) }})
    {{ 'group by ' ~ by if by }}
{%- endmacro %}

{# One row per quantile, n from 0, and group. The engines' own quantiles hold all values in memory, so values are first counted in bins,
   rounded to 8 bits: by a product and two differences (Veltkamp), which never change the order of two values. Only what is in the bins
   around the place is sorted. #}
{% macro _rows_of_quantiles(relation, wanted, weight, by) -%}
    {%- set expressions, expressions_around = [], [] -%}
    {%- for expression, _ in wanted -%}
        {%- do expressions.append('cast(' ~ expression ~ ' as double)') -%}
        {%- set is_around = expressions[-1] ~ ' between mallard__lowest_N and mallard__highest_N' | replace('N', loop.index0 | string) -%}
        {%- do expressions_around.append('case when ' ~ is_around ~ ' then ' ~ expressions[-1] ~ ' end') -%}
    {%- endfor -%}
    {%- set first = by ~ ',' if by else '' -%}
    {%- set grouped = 'group by ' ~ by if by else '' -%}
    {%- set join, using = ('inner join', 'using (' ~ by ~ ')') if by else ('cross join', '') -%}
    {%- set key = first ~ ' n' -%}
    {%- set units = 'sum(cast(weight * unit as bigint))' if weight else 'count(*)' -%}
    {%- set unit = 'unit' if weight else '1.0' -%}
    with
    {%- if weight %} mallard__units as (

        select {{ first }} {{ mallard.default__sum_scale('max(' ~ weight ~ ')') }} as unit
        from {{ relation }}
        {{ grouped }}

    ),
    {%- endif %}

    mallard__bins as (

        select
            {{ key }},
            {{ 'any_value(unit) as unit,' if weight }}
            {{ units }} as units,
            min(value) as lowest,
            max(value) as highest
        from ({{ mallard._stacked(relation, expressions, weight, by) }})
        {{ join ~ ' mallard__units ' ~ using if weight }}
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
            greatest([{{ wanted | map('last') | join(', ') }}][n + 1] * (cast(sum(units) over (partition by {{ key }}) as double) / {{ unit }} - 1), 0) as place
        from mallard__bins

    ),

    mallard__around as (

        select
            {{ key }},
            {{ 'any_value(unit) as unit,' if weight }}
            any_value(place) as place,
            min(up_to - units) as before,
            min(lowest) as lowest,
            max(highest) as highest
        from mallard__up_to
        where
            cast(up_to as double) / {{ unit }} > floor(place)
            and cast(up_to - units as double) / {{ unit }} <= floor(place) + 1
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
            cast(before + {{ units }} over (partition by {{ key }} order by value asc) as double) / {{ unit }} as up_to
        from ({{ mallard._stacked(relation ~ ' ' ~ join ~ ' mallard__bounds ' ~ using, expressions_around, weight, by) }})
        inner join mallard__around using ({{ key }})
        where value is not null

    )

    select
        {{ key }},
        lower_value * (floor(place) + 1 - place) + upper_value * (place - floor(place)) as quantile
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

{# One row per row of a relation and value: what `by` names, the weight, the value, and its number n from 0. #}
{% macro _stacked(relation, values, weight, by) -%}
    {%- set columns = (by ~ ',' if by else '') ~ (weight ~ ' as weight,' if weight else '') -%}
    {{ return(adapter.dispatch('_stacked', 'mallard')(relation, values, columns)) }}
{%- endmacro %}

{% macro default___stacked(relation, values, columns) -%}
    {%- for value in values %}
    select {{ columns }} {{ value }} as value, {{ loop.index0 }} as n from {{ relation }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{# Spark would read the relation once for each. #}
{% macro spark___stacked(relation, values, columns) -%}
    select
        {{ columns }}
        unnest([{{ values | join(', ') }}]) as value,
        unnest([{{ range(values | length) | join(', ') }}]) as n
    from {{ relation }}
{%- endmacro %}
