-- Numbers, categories and a boolean, some of them missing.
{{ config(materialized='segmentation', meta={'id': 'customer_id', 'features': ['plan', 'is_member', 'orders', 'revenue']}) }}

select * from {{ ref('shop_customers') }}
