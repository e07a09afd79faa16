-- One row per customer, with a table of rules beside.
{{ config(materialized='segmentation', meta={'id': 'customer_id', 'rules': True}) }}

select * from {{ source('benchmark', 'customers') }}
