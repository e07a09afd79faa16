{# The value at the place p * (W - 1) of W customers in the order of their values, counted from 0. Between two places lies the straight line
   between their values. Weights are added as whole numbers, as in all sums. If `by` names a column, the quantile is that of its group in
   mallard__all. #}
{% macro _quantile(value, p, relation, weight, by=none) -%}
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
                    cast(sum(cast(weight * unit as bigint)) over (order by value asc) as double) / unit as up_to,
                    greatest({{ p }} * (cast(sum(cast(weight * unit as bigint)) over () as double) / unit - 1), 0) as place
                from (
                    select {{ value }} as value, {{ weight }} as weight, {{ mallard.default__sum_scale('max(' ~ weight ~ ') over ()') }} as unit
                    from {{ relation }} as mallard__some
                    {{ 'where mallard__some.' ~ by ~ ' = mallard__all.' ~ by if by }}
                )
                where value is not null
            )
        )
    ))
    {%- endif -%}
{%- endmacro %}
