-- One row per customer, by what the customer buys.
{{ config(materialized='segmentation', meta={'id': 'customer_id', 'features': ['orders', 'revenue'], 'max_clusters': 6}) }}

select
    customer_id,
    orders,
    revenue,
    planted_group
from {{ ref('community_features') }}
