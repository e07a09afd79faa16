-- One row per customer, with the reason for the segment in words.
{{ config(materialized='segmentation', meta={'id': 'customer_id', 'main_reason': True}) }}

select * from {{ source('benchmark', 'customers') }}
