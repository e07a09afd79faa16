{# How many customers old and new segments share, one row per `kind` and pair of segments:
     now    customers of today, by the old version and the new one; n_near counts those within the reach of their old segment, as 99 % of
            its customers were at the fit
     then   customers who were there at the build before, by the segment they had and the new one
     left   customers who aren't there any more, by the segment they had #}
{% macro _shared_customers(centroids, stored, old_centroids, before, plan) -%}
    {%- set id = mallard._comparable_id(before, plan).now -%}
    with mallard__by_new as (

        select
            * exclude (mallard__is_used, mallard__reason, {{ mallard._names_of_a_score() }}),
            segment_id as mallard__new_id
        from ({{ mallard.default__scored_customers('mallard__scaled', centroids, 'mallard__scaled_', 'mallard__is_used') }})

    ),

    mallard__by_both as (

        {%- if old_centroids %}
        select
            mallard__new_id as new_id,
            {{ id }} as id,
            segment_id as old_id,
            distance_to_centroid as old_distance
        from ({{ mallard.default__scored_customers(
            '(' ~ mallard._scaled_customers('mallard__by_new', dict(stored.statistics, weight=none), stored.plan) ~ ')',
            old_centroids, 'mallard__scaled_', 'mallard__is_used'
        ) }})
        {%- else %}
        select
            mallard__new_id as new_id,
            {{ id }} as id,
            cast(null as integer) as old_id,
            cast(null as double) as old_distance
        from mallard__by_new
        {%- endif %}

    ),

    mallard__before as (

        {%- if before %}
        {{ mallard._segments_before(before, plan) }}
        {%- else %}
        select cast(null as varchar) as mallard__id, cast(null as integer) as segment_id where false
        {%- endif %}

    )

    select
        'now' as kind,
        old_id,
        new_id,
        count(*) as n,
        count(*) filter (old_distance <= case old_id
            {%- for id, reach in stored.reaches.items() %} when {{ id }} then {{ mallard._double(reach) }}{% endfor %} end) as n_near
    from mallard__by_both
    where old_id is not null and new_id is not null
    group by all
    union all
    select
        case when mallard__by_both.id is null then 'left' else 'then' end as kind,
        mallard__before.segment_id as old_id,
        mallard__by_both.new_id,
        count(*) as n,
        count(*) as n_near
    from mallard__before
    left join mallard__by_both on mallard__before.mallard__id = mallard__by_both.id
    where mallard__before.segment_id is not null
    group by all
{%- endmacro %}

{# The names of the columns that scoring itself adds. #}
{% macro _names_of_a_score() -%}
    segment_id, segment_name, distance_to_centroid, second_segment_id, distance_to_second_centroid, confidence
{%- endmacro %}
