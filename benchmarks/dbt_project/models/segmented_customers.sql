-- One row per customer, with its segment.
{{ config(
    materialized='segmentation',
    meta={
        'id': 'customer_id',
        'scale': 'standard',
        'min_clusters': var('mallard_min_clusters'),
        'max_clusters': var('mallard_max_clusters'),
    }
) }}

select * from {{ source('benchmark', 'customers') }}
