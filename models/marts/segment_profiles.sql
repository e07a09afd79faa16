-- One row per segment.
{% set measures = ['age', 'annual_income', 'spending_score'] %}

with customers as (

    select * from {{ ref('customer_segments') }}

),

segments as (

    select * from {{ ref('int_mall__segments') }}

),

everybody as (

    select
        count(*) as n_customers,
        {%- for measure in measures %}
        avg({{ measure }} order by {{ measure }}) as avg_{{ measure }},
        stddev_pop({{ measure }} order by {{ measure }}) as stddev_{{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from customers

),

by_segment as (

    select
        segment_id,
        segment_name,
        count(*) as n_customers,
        {%- for measure in measures %}
        avg({{ measure }} order by {{ measure }}) as avg_{{ measure }},
        {%- endfor %}
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
        {%- for measure in measures %}
        by_segment.avg_{{ measure }},
        {%- endfor %}
        by_segment.female_share,
        by_segment.inertia,
        segments.silhouette,
        by_segment.radius,
        {%- for measure in measures %}
        (by_segment.avg_{{ measure }} - everybody.avg_{{ measure }}) / nullif(everybody.stddev_{{ measure }}, 0) as z_{{ measure }}{{ ',' if not loop.last }}
        {%- endfor %}
    from by_segment
    cross join everybody
    inner join segments on by_segment.segment_id = segments.segment_id

)

select * from profiles
order by segment_id
