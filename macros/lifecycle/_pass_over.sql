{# One row per segment with the sums by which drift is measured, see mallard/lifecycle/passes.py: over the customers, by the centroids of a
   version. Positions of vectors don't count by themselves. Sums are of whole numbers, so that they don't depend on the order of the rows. #}
{% macro _pass_over(scaled, centroids, statistics) -%}
    {%- set numbers = [] -%}
    {%- for of in statistics.features if not of.size -%} {%- do numbers.append(mallard._quoted('mallard__scaled_' ~ of.name)) -%} {%- endfor -%}
    {%- set sums, squares = [], [] -%}
    {%- for number in numbers -%}
        {%- do sums.append(mallard._sum_of_millionths(number)) -%}
        {%- do squares.append(mallard._sum_of_millionths(number ~ ' * ' ~ number)) -%}
    {%- endfor -%}
    with mallard__measured as (

        select
            *,
            {{ mallard.squared_distances(centroids, 'mallard__scaled_') }}
        from {{ scaled }}
        {%- if centroids.vectors %}
        cross join ({{ mallard._centroid_vectors(centroids) }})
        {%- endif %}
        where mallard__is_used

    ),

    mallard__nearest as (

        select
            *,
            {{ mallard.nearest_segment(centroids) }} as mallard__segment_id
        from mallard__measured

    )

    select
        mallard__segment_id as segment_id,
        count(*) as n,
        cast([{{ sums | join(', ') }}] as double[]) as sums,
        cast([{{ squares | join(', ') }}] as double[]) as squares,
        {{ mallard._sum_of_millionths('mallard__squared') }} as squared_distances,
        {{ mallard._sum_of_millionths('mallard__squared * mallard__squared') }} as fourth_powers
    from (
        select
            *,
            case mallard__segment_id
                {%- for segment in centroids.segments %} when {{ segment.segment_id }} then squared_distance_{{ segment.segment_id }}{% endfor %}
            end as mallard__squared
        from mallard__nearest
    )
    group by mallard__segment_id
    order by mallard__segment_id asc
{%- endmacro %}

{% macro _sum_of_millionths(expression) -%}
    cast(sum(cast(least(greatest({{ expression }}, -8e12), 8e12) * 1048576 as bigint)) as double) / 1048576
{%- endmacro %}

{# What is kept of a pass at the fit. #}
{% macro _moments(query) -%}
    {%- set moments = {} -%}
    {%- set of_segments -%}
        select segment_id as "segment_id", cast(to_json(of_segment) as varchar) as "moments" from ({{ query }}) as of_segment
    {%- endset -%}
    {%- for row in run_query(of_segments) -%}
        {%- do moments.update({row['segment_id'] | int: fromjson(row['moments'])}) -%}
    {%- endfor -%}
    {{ return(moments) }}
{%- endmacro %}

{# How many customers were in each segment at the build before and are in each now, by the same version. #}
{% macro _customers_in_both(scaled, centroids, before, plan) -%}
    select
        mallard__before.segment_id as before,
        mallard__now.segment_id as now,
        count(*) as n
    from (
        select {{ mallard._comparable_id(before, plan).now }} as mallard__id, segment_id
        from ({{ mallard.scored_customers(scaled, centroids, 'mallard__scaled_', 'mallard__is_used') }})
    ) as mallard__now
    inner join ({{ mallard._segments_before(before, plan) }}) as mallard__before on mallard__now.mallard__id = mallard__before.mallard__id
    where mallard__now.segment_id is not null and mallard__before.segment_id is not null
    group by all
{%- endmacro %}
