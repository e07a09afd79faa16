-- One row per customer, by an embedding.
{{ config(materialized='segmentation', meta={'id': 'customer_id', 'n_clusters': 8}) }}

select customer_id, embedding from {{ source('benchmark', 'customers') }}
