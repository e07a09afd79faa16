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
    *,
    customer_id || '/' || unnest(range(cast(1 + coalesce(orders, 0) % 4 as integer))) as row_id
from {{ ref('shop_customers') }}
