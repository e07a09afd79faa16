-- One row: what the features are scaled by, <feature>_center and <feature>_spread for each.
{% set columns = mallard.checked_features(var('mallard_features'), 'stg_mall__customers', id_column='customer_id') %}

{{ mallard.feature_statistics(ref('stg_mall__customers'), mallard.features(columns, var('mallard_scale'))) }}
