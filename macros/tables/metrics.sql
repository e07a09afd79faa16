{% macro metrics(segmentation) -%}
    {{ return(adapter.dispatch('metrics', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__metrics(segmentation) -%}
    {{ return(mallard._current_rows(segmentation, 'metrics')) }}
{%- endmacro %}

{% macro _metrics_query(made) -%}
    {{ mallard.default__partition_metrics(made.partitions) }}
{%- endmacro %}

{% macro _metrics_table() -%}
    {{ return({
        'row': 'One row per number of segments tried, with its quality and whether it was chosen. With assignment: rules, of the segments of the nearest centroids, which the rules follow.',
        'made_by': 'fit',
        'keeps': 'versions',
        'figures': {'row': ['smallest_segment']},
        'columns': {
            'version': mallard._version_column(),
            'n_clusters': ['integer', 'Number of segments, k.'],
            'entity': ['varchar', 'What a row of the select is, such as customer or product: the setting entity.'],
            'metric': ['varchar', 'Distance measure: euclidean or cosine.'],
            'inertia': ['double', 'Sum of squared distances of customers to their centroids, in scaled units; lower is tighter. Also called WSS or WCSS. With metric cosine: sum of the distances. Exact over all customers, for every k and every compression.'],
            'silhouette': ['double', 'Mean over the customers of (b - a) / max(a, b), where a is the mean distance to the others in the same segment and b that to those in the nearest other segment; -1 to 1, higher is better. Exact. Null where it is not defined, as for k = 1, and where it is estimated.'],
            'silhouette_estimate': ['double', 'The silhouette, estimated from a sample of 10,000 customers in which every segment weighs as much as it has customers. Null where the silhouette is exact, as it is up to 20,000 distinct customers, and where the sample has customers of one segment only.'],
            'silhouette_standard_error': ['double', 'Standard error of silhouette_estimate, from how much the estimates of ten random parts of the sample differ. Null where the silhouette is exact.'],
            'davies_bouldin': ['double', 'Davies-Bouldin index: mean over the segments of their worst ratio of scatter to separation; lower is better. Null for one segment, where every customer is a segment, and with metric cosine.'],
            'calinski_harabasz': ['double', 'Calinski-Harabasz index: variance between the segments over variance within, each divided by its degrees of freedom; higher is better. Null where davies_bouldin is.'],
            'border_depth': ['double', 'Depth of the border that is least of a valley: the density of customers there, as a fraction of the density inside the segments beside it. 1 or more on a crest. Null for one segment.'],
            'border_significance': ['double', 'Significance of the faintest border: by how many standard errors there are fewer customers at the border than if border and inside had the same density. Null for one segment.'],
            'bend': ['double', 'How sharply the inertia curve bends here: the logarithm of the factor by which the last segment lowers inertia, over that of the next one, both in units of noise. Near 1 in noise, and where groups remain to be told apart. Null at both ends.'],
            'least_stability': ['double', 'Stability of the segment that comes back least when customers are drawn anew. Null for one segment, and where this number was not chosen.'],
            'n_groups': ['integer', 'Number of groups that the customers form, 1 if there are no borders between groups. The same in every row.'],
            'verdict': ['varchar', 'What the segments are. natural: every border is a valley. reproducible: no valleys, or too faint to be sure of, but the same segments come back when customers are drawn anew. constructive: neither; they are slices of convenience. none: there is one segment. Null where this number was not chosen.'],
            'verdict_reason': ['varchar', 'Why the verdict is what it is. Null where this number was not chosen.'],
            'smallest_segment': ['bigint', 'Customers in the smallest segment.'],
            'n_iter': ['integer', "Iterations of the run of Lloyd's algorithm that found the partition."],
            'converged': ['boolean', 'Whether the centroids came to rest in that run.'],
            'is_natural': ['boolean', 'Whether every border between segments is a valley. The largest such number is the number of groups.'],
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

{# Where customers have weights, nobody knows how many there are in a segment of a number that wasn't chosen. #}
{% macro _few_in_metrics(rows, made, fewest) -%}
    select *, {{ 'true' if made.plan.weight else mallard._are_few('smallest_segment', fewest) }} as mallard__hides_row from {{ rows }}
{%- endmacro %}
