-- Numbers, categories and a boolean, some of them missing.
{{ config(
    materialized='segmentation',
    meta={
        'id': 'customer_id',
        'features': ['plan', 'is_member', 'orders', 'revenue'],
        'n_clusters': 3,
        'min_clusters': 1,
        'max_clusters': 10
    }
) }}

select * from {{ ref('shop_customers') }}
