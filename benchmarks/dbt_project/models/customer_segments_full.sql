-- One row per customer, with the segment whose centroid is nearest and how sure that is.
{% set centroids = mallard.load_centroids(ref('segments')) %}

with scored as (

    {{ mallard.scored_customers(ref('features'), centroids) }}

)

select
    *,
    cast({{ centroids | length }} as integer) as n_clusters
from scored
