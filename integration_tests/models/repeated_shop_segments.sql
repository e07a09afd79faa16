-- The same, with a row for each time.
{{
    config(
        materialized='segmentation',
        meta={
            'id': 'row_id',
            'features': {'orders': {'scale': 'robust'}, 'revenue': {}, 'plan': {}},
            'nulls': 'median',
            'n_clusters': 3,
        },
    )
}}

select
    customers.*,
    customers.customer_id || '/' || times.time as row_id
from {{ ref('shop_customers') }} as customers
inner join range(4) as times(time) on times.time < 1 + coalesce(customers.orders, 0) % 4
