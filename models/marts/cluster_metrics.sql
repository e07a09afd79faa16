-- One row per number of clusters tried.
{{ mallard.partition_metrics(ref('mall_kmeans')) }}
