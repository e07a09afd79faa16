{# The customers of both builds by their segments then and now, both by the same version, with what tells how much their distances covary,
   see mallard/lifecycle/overlap.py. `largest` is SQL for the largest squared distance at the build before; that of now is in mallard__pass. #}
{% macro _customers_in_both(scaled, centroids, before, plan, largest) -%}
    {%- set id = mallard._comparable_id(before, plan) -%}
    {%- set distance = 'distance_to_centroid' -%}
    {%- set squared = distance if mallard._metric(plan.metric).spherical else distance ~ ' * ' ~ distance -%}
    with mallard__both as (

        select
            mallard__before.segment_id as before,
            mallard__now.segment_id as now,
            least(mallard__before.squared, mallard__largest.before) as squared_before,
            least(mallard__now.squared, mallard__largest.now) as squared_now,
            mallard__largest.before as largest_before,
            mallard__largest.now as largest_now
        from (
            select
                {{ id.now }} as mallard__id,
                segment_id,
                {{ squared }} as squared
            from ({{ mallard.default__scored_customers(scaled, centroids, 'mallard__scaled_', 'mallard__is_used') }})
        ) as mallard__now
        inner join (
            select
                {{ id.before }} as mallard__id,
                segment_id,
                {{ squared }} as squared
            from {{ before }}
        ) as mallard__before
            on mallard__now.mallard__id = mallard__before.mallard__id
        cross join (
            select
                {{ largest }} as before,
                max(largest) as now
            from mallard__pass
        ) as mallard__largest
        where mallard__now.segment_id is not null and mallard__before.segment_id is not null

    ),

    mallard__scales as (

        select
            *,
            {{ mallard.default__sum_scale('largest_before') }} as scale_before,
            {{ mallard.default__sum_scale('largest_now') }} as scale_now,
            {{ mallard.default__sum_scale('largest_before * largest_before') }} as square_scale_before,
            {{ mallard.default__sum_scale('largest_now * largest_now') }} as square_scale_now,
            {{ mallard.default__sum_scale('largest_before * largest_now') }} as product_scale
        from mallard__both

    )

    select
        before,
        now,
        count(*) as n,
        {{ mallard.default__exact_sum('squared_before', 'scale_before') }} as sum_before,
        {{ mallard.default__exact_sum('squared_now', 'scale_now') }} as sum_now,
        {{ mallard.default__exact_sum('squared_before * squared_before', 'square_scale_before') }} as squares_before,
        {{ mallard.default__exact_sum('squared_now * squared_now', 'square_scale_now') }} as squares_now,
        {{ mallard.default__exact_sum('squared_before * squared_now', 'product_scale') }} as products
    from mallard__scales
    group by before, now
    order by before asc, now asc
{%- endmacro %}

{# Nobody is in both. #}
{% macro _no_customers_in_both() -%}
    select
        {%- for column in ['before', 'now', 'n', 'sum_before', 'sum_now', 'squares_before', 'squares_now', 'products'] %}
        null as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    where false
{%- endmacro %}
