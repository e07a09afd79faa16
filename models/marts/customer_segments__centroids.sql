-- One row per segment and feature.
{% set statistics = mallard.load_statistics(ref('int_mall__feature_statistics')) %}

{{ mallard.centroid_table(mallard.load_centroids(ref('int_mall__segments')), statistics) }}
