-- One row: how far the segments and the baseline part customers alike.
with both_groupings as (

    select
        segment_id,
        rfm_segment
    from {{ ref('order_segments') }}
    inner join {{ ref('rfm_baseline') }} using (customer_id)

)

select * from ({{ mallard.adjusted_rand_index('both_groupings', 'segment_id', 'rfm_segment') }})
