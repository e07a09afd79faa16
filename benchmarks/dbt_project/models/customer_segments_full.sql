-- One row per customer, with its segment and a confidence score.
{% set centroids = mallard.load_centroids(ref('segments')) %}

with scored as (

    {{ mallard.scored_customers(ref('features'), centroids) }}

)

select
    *,
    cast({{ centroids.segments | length }} as integer) as n_clusters
from scored
