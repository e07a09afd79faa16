{# Checks that every segment has at least the share `minimum` of all customers with a segment. Fails with one row per smaller segment. #}
{% test min_segment_share(model, minimum) %}

with shares as (

    select
        segment_id,
        cast(count(*) as double) / sum(count(*)) over () as share
    from {{ model }}
    where segment_id is not null
    group by segment_id

)

select * from shares
where share < {{ minimum }}

{% endtest %}
