-- One row per segment.
with customers as (

    select * from {{ ref('customer_segments') }}

),

segments as (

    select * from {{ ref('int_mall__segments') }}

),

largest as (

    select {{ mallard.sum_scale('max(distance_to_centroid * distance_to_centroid)') }} as square_scale
    from customers

),

by_segment as (

    select
        customers.segment_id,
        avg(case customers.gender when 'Female' then 1 when 'Male' then 0 end) as female_share,
        {{ mallard.exact_sum('customers.distance_to_centroid * customers.distance_to_centroid', 'square_scale') }} as inertia,
        max(customers.distance_to_centroid) as radius
    from customers
    cross join largest
    group by customers.segment_id

),

by_measure as (

    {{ mallard.feature_profiles('customers', mallard.features(['age', 'annual_income', 'spending_score'])) }}

),

measured as (

    select
        segment_id,
        any_value(segment_name) as segment_name,
        any_value(n_customers) as n_customers,
        any_value(share) as share,
        any_value(mean) filter (where feature = 'age') as avg_age,
        any_value(z_score) filter (where feature = 'age') as z_age,
        any_value(mean) filter (where feature = 'annual_income') as avg_annual_income,
        any_value(z_score) filter (where feature = 'annual_income') as z_annual_income,
        any_value(mean) filter (where feature = 'spending_score') as avg_spending_score,
        any_value(z_score) filter (where feature = 'spending_score') as z_spending_score
    from by_measure
    group by segment_id

)

select
    measured.segment_id,
    measured.segment_name,
    measured.n_customers,
    measured.share,
    measured.avg_age,
    measured.avg_annual_income,
    measured.avg_spending_score,
    by_segment.female_share,
    by_segment.inertia,
    segments.silhouette,
    segments.silhouette_estimate,
    by_segment.radius,
    measured.z_age,
    measured.z_annual_income,
    measured.z_spending_score
from measured
inner join by_segment on measured.segment_id = by_segment.segment_id
inner join segments on measured.segment_id = segments.segment_id
order by measured.segment_id asc
