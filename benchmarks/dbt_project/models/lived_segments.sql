-- One row per customer, segmented at the first build and scored at later ones.
{{ config(materialized='segmentation', meta={'id': 'customer_id', 'n_clusters': var('mallard_n_clusters', 'auto')}) }}

select * from {{ source('benchmark', 'customers') }}
