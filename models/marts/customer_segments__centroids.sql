-- One row per segment and feature.
{% set features = mallard.features(var('mallard_features'), var('mallard_scale')) %}
{% set statistics = mallard.load_statistics(ref('int_mall__feature_statistics'), features) %}

{{ mallard.centroid_table(mallard.load_centroids(ref('int_mall__segments')), statistics) }}
