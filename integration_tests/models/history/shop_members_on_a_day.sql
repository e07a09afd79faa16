-- One row per customer who was in a segment at the end of a day: the variable `day`, by default that of the run.
{% set day = "cast('" ~ var('day', run_started_at.strftime('%Y-%m-%d')) ~ "' as date)" %}
with customers_over_time as (

    select * from {{ ref('shop_customers_over_time') }}

),

members as (

    select
        customer_id,
        segment_id,
        segment_name,
        dbt_valid_from as in_segment_since
    from customers_over_time
    where
        segment_id is not null
        and dbt_valid_from < {{ day }} + interval 1 day
        and (dbt_valid_to is null or dbt_valid_to >= {{ day }} + interval 1 day)

)

select * from members
