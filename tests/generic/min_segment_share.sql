{# Checks that every segment has at least the share `minimum` of all customers with a segment, or of those of its group, if there is a column
   `group`. Fails with one row per smaller segment. #}
{% test min_segment_share(model, minimum) %}

{% set group = mallard._group_in(model) %}

with shares as (

    select
        {{ group ~ ',' if group }}
        segment_id,
        cast(count(*) as double) / sum(count(*)) over ({{ 'partition by ' ~ group if group }}) as share
    from {{ model }}
    where segment_id is not null
    group by segment_id{{ ', ' ~ group if group }}

)

select * from shares
where share < {{ minimum }}

{% endtest %}
