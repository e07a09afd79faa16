-- One row per algorithm and number of clusters asked for.
with compared as (

    select * from {{ ref('mall_algorithm_comparison') }}

)

select
    algorithm,
    n_clusters,
    parameter,
    clusters_found,
    noise_share,
    inertia,
    silhouette,
    davies_bouldin,
    calinski_harabasz,
    stability,
    adjusted_rand_index,
    can_score_in_sql,
    rows_used,
    seconds,
    message
from compared
order by algorithm asc, n_clusters asc
