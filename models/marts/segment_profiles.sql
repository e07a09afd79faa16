-- One row per segment. Sums are exact, so that their last digit doesn't depend on the order of the rows.
with customers as (

    select * from {{ ref('customer_segments') }}

),

segments as (

    select * from {{ ref('int_mall__segments') }}

),

scales as (

    select
        {{ mallard.sum_scale('max(abs(annual_income))') }} as income_scale,
        {{ mallard.sum_scale('max(abs(spending_score))') }} as score_scale,
        {{ mallard.sum_scale('max(annual_income * annual_income)') }} as income_square_scale,
        {{ mallard.sum_scale('max(spending_score * spending_score)') }} as score_square_scale,
        {{ mallard.sum_scale('max(distance_to_centroid * distance_to_centroid)') }} as distance_square_scale
    from customers

),

everybody as (

    select
        count(*) as n_customers,
        avg(customers.age) as avg_age,
        {{ mallard.exact_sum('customers.annual_income', 'income_scale') }} / count(customers.annual_income) as avg_annual_income,
        {{ mallard.exact_sum('customers.spending_score', 'score_scale') }} / count(customers.spending_score) as avg_spending_score,
        avg(customers.age * customers.age) as avg_age_square,
        {{ mallard.exact_sum('customers.annual_income * customers.annual_income', 'income_square_scale') }}
        / count(customers.annual_income) as avg_income_square,
        {{ mallard.exact_sum('customers.spending_score * customers.spending_score', 'score_square_scale') }}
        / count(customers.spending_score) as avg_score_square
    from customers
    cross join scales

),

spreads as (

    select
        *,
        sqrt(greatest(avg_age_square - pow(avg_age, 2), 0)) as stddev_age,
        sqrt(greatest(avg_income_square - pow(avg_annual_income, 2), 0)) as stddev_annual_income,
        sqrt(greatest(avg_score_square - pow(avg_spending_score, 2), 0)) as stddev_spending_score
    from everybody

),

by_segment as (

    select
        customers.segment_id,
        customers.segment_name,
        count(*) as n_customers,
        avg(customers.age) as avg_age,
        {{ mallard.exact_sum('customers.annual_income', 'income_scale') }} / count(customers.annual_income) as avg_annual_income,
        {{ mallard.exact_sum('customers.spending_score', 'score_scale') }} / count(customers.spending_score) as avg_spending_score,
        avg(case customers.gender when 'Female' then 1 when 'Male' then 0 end) as female_share,
        {{ mallard.exact_sum('customers.distance_to_centroid * customers.distance_to_centroid', 'distance_square_scale') }} as inertia,
        max(customers.distance_to_centroid) as radius
    from customers
    cross join scales
    group by customers.segment_id, customers.segment_name

),

profiles as (

    select
        by_segment.segment_id,
        by_segment.segment_name,
        by_segment.n_customers,
        by_segment.n_customers / spreads.n_customers as share,
        by_segment.avg_age,
        by_segment.avg_annual_income,
        by_segment.avg_spending_score,
        by_segment.female_share,
        by_segment.inertia,
        segments.silhouette,
        segments.silhouette_estimate,
        by_segment.radius,
        (by_segment.avg_age - spreads.avg_age) / nullif(spreads.stddev_age, 0) as z_age,
        (by_segment.avg_annual_income - spreads.avg_annual_income)
        / nullif(spreads.stddev_annual_income, 0) as z_annual_income,
        (by_segment.avg_spending_score - spreads.avg_spending_score)
        / nullif(spreads.stddev_spending_score, 0) as z_spending_score
    from by_segment
    cross join spreads
    inner join segments on by_segment.segment_id = segments.segment_id

)

select * from profiles
order by segment_id
