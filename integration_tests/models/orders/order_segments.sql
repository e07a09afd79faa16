-- One row per customer, by recency, frequency and monetary value.
{{
    config(
        materialized='segmentation',
        meta={'id': 'customer_id', 'features': ['recency_days', 'orders', 'revenue'], 'max_clusters': 6},
    )
}}

select * from {{ ref('order_customers') }}
