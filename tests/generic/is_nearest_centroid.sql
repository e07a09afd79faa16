{# Every row's segment_id is the segment with the nearest centroid, the lowest id at a tie, and distance_to_centroid is that distance.
   Computed afresh from the scaled features, not as the scoring macros do. Fails with one row per customer that is elsewhere. #}
{% test is_nearest_centroid(model, features_from, features, segments, id_column='customer_id', prefix='scaled_') %}

with customers as (

    select
        {{ id_column }},
        [{% for feature in features %}{{ adapter.quote(prefix ~ feature) }}{{ ', ' if not loop.last }}{% endfor %}] as point
    from {{ features_from }}

),

distances as (

    select
        customers.{{ id_column }},
        segments.segment_id,
        list_distance(customers.point, segments.centroid) as distance
    from customers
    cross join {{ segments }} as segments

),

nearest as (

    select
        {{ id_column }},
        min(distance) as distance,
        arg_min(segment_id, row(distance, segment_id)) as segment_id
    from distances
    group by {{ id_column }}

)

select
    assigned.{{ id_column }},
    assigned.segment_id,
    assigned.distance_to_centroid,
    nearest.segment_id as nearest_segment_id,
    nearest.distance as nearest_distance
from {{ model }} as assigned
left join nearest on assigned.{{ id_column }} = nearest.{{ id_column }}
left join distances
    on assigned.{{ id_column }} = distances.{{ id_column }} and assigned.segment_id = distances.segment_id
where
    distances.distance is null
    or distances.distance > nearest.distance + 1e-12
    or (distances.distance = nearest.distance and assigned.segment_id > nearest.segment_id)
    or assigned.distance_to_centroid is null
    or abs(assigned.distance_to_centroid - nearest.distance) > 1e-9

{% endtest %}
