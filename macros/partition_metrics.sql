{% macro partition_metrics(partitions) -%}
    {{ return(adapter.dispatch('partition_metrics', 'mallard')(partitions)) }}
{%- endmacro %}

{% macro default__partition_metrics(partitions) -%}
    select
        n_clusters,
        any_value(metric) as metric,
        any_value(inertia) as inertia,
        any_value(silhouette) as silhouette,
        any_value(silhouette_estimate) as silhouette_estimate,
        any_value(silhouette_standard_error) as silhouette_standard_error,
        any_value(davies_bouldin) as davies_bouldin,
        any_value(calinski_harabasz) as calinski_harabasz,
        cast(min(weight) as bigint) as smallest_segment,
        any_value(n_iter) as n_iter,
        any_value(converged) as converged,
        any_value(is_elbow) as is_elbow,
        any_value(is_best_silhouette) as is_best_silhouette,
        any_value(is_selected) as is_selected,
        any_value(selection_reason) as selection_reason,
        any_value(compression) as compression,
        any_value(n_points) as n_points,
        any_value(compression_ratio) as compression_ratio
    from {{ partitions }}
    group by n_clusters
    order by n_clusters
{%- endmacro %}
