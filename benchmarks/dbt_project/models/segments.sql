-- One row per segment of the chosen number of clusters.
with partitions as (

    select * from {{ ref('kmeans') }}

),

segments as (

    select
        segment_id,
        segment_name,
        n_clusters,
        metric,
        features,
        centroid,
        segment_silhouette as silhouette,
        segment_silhouette_estimate as silhouette_estimate
    from partitions
    where is_selected

)

select * from segments
