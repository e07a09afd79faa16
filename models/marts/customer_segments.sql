-- One row per used customer, with the segment of the nearest centroid.
{% set centroids = mallard.load_centroids(ref('int_mall__segments')) %}

with scored as (

    {{ mallard.scored_customers(ref('int_mall__features'), centroids) }}

)

select
    customer_id,
    gender,
    age,
    annual_income,
    spending_score,
    segment_id,
    segment_name,
    distance_to_centroid,
    second_segment_id,
    distance_to_second_centroid,
    confidence,
    cast({{ centroids.segments | length }} as integer) as n_clusters
from scored
