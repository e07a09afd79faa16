{# One row with mallard__quantile_<n> of each that is wanted, an expression and p; or one for each group of rows, if `by` names columns.
   It is the value at the place p * (W - 1) of W customers in the order of their values, counted from 0; between two places lies the straight line
   between their values. Weights are added as whole numbers, as in all sums. #}
{% macro _quantiles(relation, wanted, weight, by=none) -%}
    {%- if weight -%}
        {{ mallard._quantiles_by_bins(relation, wanted, weight, by) }}
    {%- else -%}
        {{ adapter.dispatch('_quantiles_without_weight', 'mallard')(relation, wanted, by) }}
    {%- endif -%}
{%- endmacro %}

{% macro default___quantiles_without_weight(relation, wanted, by) -%}
    select
        {{ by ~ ',' if by }}
        {%- for expression, p in wanted %}
        quantile_cont({{ expression }}, {{ p }}) as mallard__quantile_{{ loop.index0 }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    {{ 'group by ' ~ by if by }}
{%- endmacro %}

{# Spark's own quantile holds every distinct value in memory. #}
{% macro spark___quantiles_without_weight(relation, wanted, by) -%}
    {{ mallard._quantiles_by_bins(relation, wanted, 'cast(1 as double)', by) }}
{%- endmacro %}

{% macro _quantiles_by_bins(relation, wanted, weight, by) -%}
    select
        {{ by ~ ',' if by }}
        {%- for _ in wanted %}
        any_value(quantile) filter (n = {{ loop.index0 }}) as mallard__quantile_{{ loop.index0 }}{{ ',' if not loop.last }}
        {%- endfor %}
    from ({{ mallard._rows_of_quantiles(relation, wanted, weight, by) }})
    {{ 'group by ' ~ by if by }}
{%- endmacro %}

{# One row per quantile, n from 0, and group. To sort all customers would take long and much memory, so values are first counted in bins,
   rounded to 8 bits: by a product and two differences (Veltkamp), which never change the order of two values. Only what is in the bins
   around the place is sorted. All expressions share a query, because a query for each would take DuckDB long to plan. #}
{% macro _rows_of_quantiles(relation, wanted, weight, by) -%}
    {%- set expressions = [] -%}
    {%- for expression, _ in wanted -%} {%- do expressions.append('cast(' ~ expression ~ ' as double)') -%} {%- endfor -%}
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
                unnest([{{ range(expressions | length) | join(', ') }}]) as n
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
            greatest([{{ wanted | map('last') | join(', ') }}][n + 1] * (cast(sum(units) over (partition by {{ key }}) as double) / unit - 1), 0) as place
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
                unnest([{{ range(expressions | length) | join(', ') }}]) as n
            from {{ relation }}
            {{ join }} mallard__bounds {{ using }}
        )
        inner join mallard__around using ({{ key }})
        where value is not null

    )

    select
        {{ key }},
        lower_value + (place - floor(place)) * (upper_value - lower_value) as quantile
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
