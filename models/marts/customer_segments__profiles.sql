-- One row per segment and feature.
{% set statistics = mallard.load_statistics(ref('int_mall__feature_statistics')) %}
{% set centroids = mallard.load_centroids(ref('int_mall__segments')) %}

{{ mallard.feature_profiles(ref('customer_segments'), statistics, centroids=centroids, words=var('mallard_feature_words')) }}
