-- One row per segment of the chosen number of clusters, with the name that people see.
with partitions as (

    select * from {{ ref('mall_kmeans') }}

),

own_names as (

    select * from {{ ref('segment_names') }}

),

segments as (

    select
        partitions.segment_id,
        partitions.segment_name as rule_name,
        coalesce(own_names.segment_name, partitions.segment_name) as segment_name,
        partitions.n_clusters,
        partitions.metric,
        partitions.features,
        partitions.centroid,
        partitions.segment_silhouette as silhouette,
        partitions.segment_silhouette_estimate as silhouette_estimate,
        partitions.segment_stability
    from partitions
    -- hex, because a database may compare texts in another way than by their characters.
    left join own_names on hex(partitions.segment_name) = hex(own_names.rule_name)
    where partitions.is_selected

)

select * from segments
