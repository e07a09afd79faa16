-- One row per customer, with what tells outliers.
{{ config(materialized='segmentation', meta={'id': 'customer_id', 'contamination': 0.01, 'max_distance': 10}) }}

select * from {{ source('benchmark', 'customers') }}
