-- One row: what the features are scaled by, <feature>_center and <feature>_spread for each.
{% set features = mallard.checked_features('stg_mall__customers', id_column='customer_id') %}

{{ mallard.feature_statistics(ref('stg_mall__customers'), features, var('mallard_scaling')) }}
