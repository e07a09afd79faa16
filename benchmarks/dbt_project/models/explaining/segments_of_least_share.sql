-- One row per customer, in segments of a least share.
{{ config(materialized='segmentation', meta={'id': 'customer_id', 'min_share': 0.05}) }}

select * from {{ source('benchmark', 'customers') }}
