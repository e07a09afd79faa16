-- One row per customer, segmented by rules.
{{ config(materialized='segmentation', meta={'id': 'customer_id', 'assignment': 'rules'}) }}

select * from {{ source('benchmark', 'customers') }}
