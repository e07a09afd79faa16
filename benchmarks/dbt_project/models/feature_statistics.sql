-- One row per feature, with what it is scaled by.
{{ mallard.feature_statistics(source('benchmark', 'customers'), mallard.features(var('mallard_features'), scale='standard')) }}
