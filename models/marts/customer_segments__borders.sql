-- One row per pair of neighbouring segments.
{{ mallard.partition_borders(ref('mall_kmeans')) }}
