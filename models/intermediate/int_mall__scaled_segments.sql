-- One row per customer with a segment, with each feature scaled as scaled_<feature>.
with customers as (

    select * from {{ ref('int_mall__features') }}

),

segments as (

    select
        customer_id,
        segment_id
    from {{ ref('customer_segments') }}

),

scaled_segments as (

    select
        customers.*,
        segments.segment_id
    from customers
    inner join segments on customers.customer_id = segments.customer_id

)

-- Which features there are is a setting.
select * from scaled_segments -- noqa: AM04
