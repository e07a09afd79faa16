{% macro metrics(segmentation) -%}
    {{ return(adapter.dispatch('metrics', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__metrics(segmentation) -%}
    {{ return(mallard._beside(segmentation, 'metrics')) }}
{%- endmacro %}

{% macro _metrics_query(made) -%}
    {{ mallard.partition_metrics(made.partitions) }}
{%- endmacro %}

{% macro _metrics_table() -%}
    {{ return({
        'row': 'One row per number of segments tried, with its quality and whether it was chosen.',
        'columns': {
            'n_clusters': ['integer', 'Number of segments, k.'],
            'metric': ['varchar', 'Distance measure: euclidean or cosine.'],
            'inertia': ['double', 'Sum of squared distances of customers to their centroids, in scaled units; lower is tighter. Also called WSS or WCSS. With metric cosine: sum of the distances. Exact over all customers, for every k and every compression.'],
            'silhouette': ['double', 'Mean over the customers of (b - a) / max(a, b), where a is the mean distance to the others in the same segment and b that to those in the nearest other segment; -1 to 1, higher is better. Exact. Null where it is not defined, as for k = 1, and where it is estimated.'],
            'silhouette_estimate': ['double', 'The silhouette, estimated from a sample of 10,000 customers in which every segment weighs as much as it has customers. Null where the silhouette is exact, as it is up to 20,000 distinct customers, and where the sample has customers of one segment only.'],
            'silhouette_standard_error': ['double', 'Standard error of silhouette_estimate, from how much the estimates of ten random parts of the sample differ. Null where the silhouette is exact.'],
            'davies_bouldin': ['double', 'Davies-Bouldin index: mean over the segments of their worst ratio of scatter to separation; lower is better. Null for one segment, where every customer is a segment, and with metric cosine.'],
            'calinski_harabasz': ['double', 'Calinski-Harabasz index: variance between the segments over variance within, each divided by its degrees of freedom; higher is better. Null where davies_bouldin is.'],
            'smallest_segment': ['bigint', 'Customers in the smallest segment.'],
            'n_iter': ['integer', "Iterations of the run of Lloyd's algorithm that found the partition."],
            'converged': ['boolean', 'Whether the centroids came to rest in that run.'],
            'is_elbow': ['boolean', 'Whether the elbow of the inertia curve is here. False everywhere if the curve has no clear elbow.'],
            'is_best_silhouette': ['boolean', 'Whether the silhouette is highest here.'],
            'is_selected': ['boolean', 'Whether this number of segments was chosen.'],
            'selection_reason': ['varchar', 'Why this number of segments was chosen. Null for the others.'],
            'compression': ['varchar', 'What was clustered in place of the customers: exact (the distinct customers, weighted by their number), coreset (few weighted points, followed by a polish on all customers) or none (every customer).'],
            'n_points': ['bigint', 'Number of points that were clustered in place of the customers.'],
            'compression_ratio': ['double', 'Customers per point.'],
        },
    }) }}
{%- endmacro %}
