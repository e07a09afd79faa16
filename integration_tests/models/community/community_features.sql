-- One row per customer of the shop: what the customer buys, does and writes. Null where that is unknown.
{%- set has_vectors = target.type == 'duckdb' %}
{%- if has_vectors %}
with vectors as (

    select
        customer_id,
        {{ mallard._sql('cast(review_vector as float[])') }} as review_vector -- DuckDB 2.0.0 can't left join arrays
    from {{ ref('community_review_vectors') }}

)
{%- endif %}

select
    *
from {{ ref('community_customers') }}
left join {{ ref('community_activity_by_customer') }} using (customer_id)
left join {{ ref('community_reviews_by_customer') }} using (customer_id)
{% if has_vectors %} left join vectors using (customer_id) {% endif %}
