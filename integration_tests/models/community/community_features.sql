-- One row per customer of the shop: what the customer buys, does and writes. Null where that is unknown.
select
    *
from {{ ref('community_customers') }}
left join {{ ref('community_activity_by_customer') }} using (customer_id)
left join {{ ref('community_reviews_by_customer') }} using (customer_id)
