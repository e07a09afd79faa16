-- By a number that is skewed, one that isn't, a boolean and a category, all at their default scales.
{{ config(materialized='segmentation', meta={'id': 'customer_id', 'max_clusters': 5}) }}

select
    customer_id,
    plan,
    is_member,
    orders,
    revenue * (1 + orders % 5) as lifetime_value
from {{ ref('shop_customers') }}
