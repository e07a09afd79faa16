-- One row per customer; the tables beside show no figures of fewer than 5.
{{ config(materialized='segmentation', meta={'id': 'customer_id', 'suppress_below': 5}) }}

select * from {{ source('benchmark', 'customers') }}
