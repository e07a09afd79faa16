-- One row per customer, by what the customer buys, does in the community and thinks of the shop.
{{
    config(
        materialized='segmentation',
        meta={
            'id': 'customer_id',
            'features': ['orders', 'revenue', 'activity_count', 'referral_count', 'activity_trend', 'review_count', 'rating_balance'],
            'max_clusters': 8,
        },
    )
}}

select
    customer_id,
    orders,
    revenue,
    activity_count,
    referral_count,
    activity_trend,
    review_count,
    rating_balance,
    planted_group
from {{ ref('community_features') }}
