-- One row per segment and feature of the shop, with the figures of the number of segments chosen.
select
    profiles.segment_name,
    profiles.n_customers,
    profiles.feature,
    profiles.mean,
    centroids.centroid,
    metrics.n_clusters,
    metrics.silhouette
from {{ mallard.profiles(ref('shop_segments')) }} as profiles
inner join {{ mallard.centroids(ref('shop_segments')) }} as centroids using (segment_id, feature)
cross join {{ mallard.metrics(ref('shop_segments')) }} as metrics
where metrics.is_selected
