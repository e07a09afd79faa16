-- One row per customer; each group of 10,000 is segmented by itself.
{{ config(materialized='segmentation', meta={'id': 'customer_id', 'group_by': 'customer_group'}) }}

select
    *,
    (customer_id - 1) // 10000 as customer_group
from {{ source('benchmark', 'customers') }}
