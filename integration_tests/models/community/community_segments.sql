-- One row per customer, by what the customer buys, does in the community and thinks of the shop.
{{
    config(
        materialized='segmentation',
        meta={
            'id': 'customer_id',
            'features': ['orders', 'revenue', 'activity_count', 'referral_count', 'review_count', 'rating_balance'],
            'max_clusters': 6,
        },
    )
}}

select
    customer_id,
    orders,
    revenue,
    activity_count,
    referral_count,
    review_count,
    rating_balance,
    planted_group
from {{ ref('community_features') }}
