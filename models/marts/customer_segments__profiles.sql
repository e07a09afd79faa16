-- One row per segment and feature.
{% set statistics = mallard.load_statistics(ref('int_mall__feature_statistics')) %}

{{ mallard.feature_profiles(ref('customer_segments'), statistics, segments=ref('int_mall__segments')) }}
