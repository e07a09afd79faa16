-- One row per customer, with the segment of the nearest centroid.
{% set centroids = mallard.load_centroids(ref('segments')) %}

with customers as (

    select
        *,
        {{ mallard.squared_distances(centroids, prefix='scaled_') }}
    from {{ ref('features') }}

),

assigned as (

    select
        customer_id,
        {% for feature in var('mallard_features') %}{{ feature }}, {% endfor %}
        cast({{ mallard.nearest_segment(centroids) }} as integer) as segment_id
    from customers

)

select * from assigned
