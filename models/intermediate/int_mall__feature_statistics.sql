-- One row per feature, with its scaling statistics.
{% set columns = mallard.checked_features(var('mallard_features'), 'stg_mall__customers', id_column='customer_id') %}

{{ mallard.feature_statistics(ref('stg_mall__customers'), mallard.features(columns, var('mallard_scale'))) }}
