-- One row: what the features are scaled by.
{{ mallard.feature_statistics(source('benchmark', 'customers'), mallard.features(var('mallard_features'))) }}
