-- One row per segment of every number of clusters tried and segment among one fewer with which it shares customers.
{{ mallard.partition_divisions(ref('mall_kmeans')) }}
