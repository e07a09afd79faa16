-- One row per segment and feature.
{{ mallard.feature_profiles(ref('customer_segments'), mallard.features(var('mallard_features'), var('mallard_scale'))) }}
