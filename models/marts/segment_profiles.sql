-- One row per segment. Means are ordered sums, so that their last digit doesn't depend on the order of the rows.
with customers as (

    select * from {{ ref('customer_segments') }}

),

segments as (

    select * from {{ ref('int_mall__segments') }}

),

everybody as (

    select
        count(*) as n_customers,
        avg(age order by age) as avg_age,
        avg(annual_income order by annual_income) as avg_annual_income,
        avg(spending_score order by spending_score) as avg_spending_score,
        stddev_pop(age order by age) as stddev_age,
        stddev_pop(annual_income order by annual_income) as stddev_annual_income,
        stddev_pop(spending_score order by spending_score) as stddev_spending_score
    from customers

),

by_segment as (

    select
        segment_id,
        segment_name,
        count(*) as n_customers,
        avg(age order by age) as avg_age,
        avg(annual_income order by annual_income) as avg_annual_income,
        avg(spending_score order by spending_score) as avg_spending_score,
        avg(case gender when 'Female' then 1 when 'Male' then 0 end) as female_share,
        sum(pow(distance_to_centroid, 2) order by distance_to_centroid) as inertia,
        max(distance_to_centroid) as radius
    from customers
    group by segment_id, segment_name

),

profiles as (

    select
        by_segment.segment_id,
        by_segment.segment_name,
        by_segment.n_customers,
        by_segment.n_customers / everybody.n_customers as share,
        by_segment.avg_age,
        by_segment.avg_annual_income,
        by_segment.avg_spending_score,
        by_segment.female_share,
        by_segment.inertia,
        segments.silhouette,
        by_segment.radius,
        (by_segment.avg_age - everybody.avg_age) / nullif(everybody.stddev_age, 0) as z_age,
        (by_segment.avg_annual_income - everybody.avg_annual_income)
        / nullif(everybody.stddev_annual_income, 0) as z_annual_income,
        (by_segment.avg_spending_score - everybody.avg_spending_score)
        / nullif(everybody.stddev_spending_score, 0) as z_spending_score
    from by_segment
    cross join everybody
    inner join segments on by_segment.segment_id = segments.segment_id

)

select * from profiles
order by segment_id
