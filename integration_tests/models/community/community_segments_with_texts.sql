-- One row per customer, by what the customer buys, does in the community, thinks of the shop and writes about.
{{
    config(
        materialized='segmentation',
        meta={
            'id': 'customer_id',
            'features': {
                'orders': none,
                'revenue': none,
                'activity_count': none,
                'referral_count': none,
                'review_count': none,
                'rating_balance': none,
                'review_vector': {'weight': 2},
            },
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
    review_vector,
    planted_group
from {{ ref('community_features') }}
