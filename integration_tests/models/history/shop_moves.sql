-- One row per build of the shop and pair of segments between which customers moved, by what they did and by what a new version did.
select
    built_at,
    part,
    from_segment_name,
    to_segment_name,
    n_customers
from {{ mallard.transitions(ref('shop_segments')) }}
where kind = 'moved'
