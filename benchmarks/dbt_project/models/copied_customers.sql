-- One row per customer, with as many columns and of the same types as scoring gives, but without arithmetic.
select
    customers.*,
    cast(1 as integer) as segment_id,
    'a segment' as segment_name,
    f0 as distance_to_centroid,
    cast(2 as integer) as second_segment_id,
    f1 as distance_to_second_centroid,
    f0 as confidence,
    'assigned' as assignment_status,
    cast(null as varchar) as status_reason,
    cast(1 as integer) as version
from {{ source('benchmark', 'customers') }} as customers
