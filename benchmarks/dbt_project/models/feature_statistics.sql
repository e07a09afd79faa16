-- One row: what the features are scaled by.
{{ mallard.feature_statistics(source('benchmark', 'customers'), var('mallard_features'), var('mallard_scaling')) }}
