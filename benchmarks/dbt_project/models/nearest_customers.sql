-- One row per customer, with the nearest centroid by DuckDB's own join.
{% set stored = mallard.stored_version(ref('lived_segments')) %}
{% set columns = [] %}
{% for feature in stored.features if stored %} {% do columns.append('scaled_' ~ feature.name) %} {% endfor %}
with customers as (

    select
        * exclude ({{ columns | join(', ') }}),
        array_value({{ columns | sort | join(', ') }}) as place
    from ({{ mallard.scaled(ref('lived_segments')) }})

),

centroids as (

    select
        segment_id,
        cast(list(scaled_centroid order by feature asc) as double[{{ columns | length }}]) as place
    from ({{ mallard.centroids(ref('lived_segments')) }})
    group by segment_id

)

select
    customers.* exclude (place, segment_id),
    centroids.segment_id,
    array_distance(customers.place, centroids.place) as distance_to_centroid
from customers
inner join centroids nearest 1 by distance array_distance(customers.place, centroids.place)
