-- Who lacks a value gets the mean; revenue counts twice, and by its order of magnitude; wide numbers.
{{
    config(
        materialized='segmentation',
        meta={
            'id': 'customer_id',
            'n_clusters': 3,
            'nulls': 'mean',
            'features': {'orders': {'scale': 'minmax'}, 'revenue': {'scale': 'log1p+standard', 'weight': 2}},
        },
    )
}}

select
    customer_id,
    {{ mallard._sql('cast(orders as hugeint)') }} as orders,
    revenue
from {{ ref('shop_customers') }}
