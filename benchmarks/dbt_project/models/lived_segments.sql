-- One row per customer, segmented at the first build and scored at later ones.
{{ config(materialized='segmentation', meta={'id': 'customer_id'}) }}

select * from {{ source('benchmark', 'customers') }}
