-- One row per customer, with the segment whose centroid is nearest and how sure that is.
{% set centroids = mallard.centroids(ref('segments')) %}

with customers as (

    select
        *,
        {{ mallard.squared_distances(centroids, prefix='scaled_') }}
    from {{ ref('features') }}

),

assigned as (

    select
        *,
        {{ mallard.nearest_segment(centroids) }} as segment_id,
        {{ mallard.second_segment(centroids) }} as second_segment_id
    from customers

),

measured as (

    select
        *,
        {{ mallard.distance_to_segment('segment_id', centroids) }} as distance_to_centroid,
        {{ mallard.distance_to_segment('second_segment_id', centroids) }} as distance_to_second_centroid
    from assigned

),

scored as (

    select
        customer_id,
        {% for feature in var('mallard_features') %}{{ feature }}, {% endfor %}
        cast(segment_id as integer) as segment_id,
        {{ mallard.segment_name('segment_id', centroids) }} as segment_name,
        distance_to_centroid,
        cast(second_segment_id as integer) as second_segment_id,
        distance_to_second_centroid,
        coalesce(1 - distance_to_centroid / nullif(distance_to_second_centroid, 0), 1) as confidence,
        cast({{ centroids | length }} as integer) as n_clusters
    from measured

)

select * from scored
