{# Checks that the ids are 1 to k without gaps. Null passes, for customers without a segment. Fails with one row per id that is missing, too
   high or below 1. #}
{% test segment_ids_contiguous(model, column_name) %}

with ids as (

    select distinct {{ column_name }} as segment_id from {{ model }}
    where {{ column_name }} is not null

),

expected as (

    select cast(unnest(range(1, (select count(*) from ids) + 1)) as bigint) as segment_id

)

select
    ids.segment_id as found,
    expected.segment_id as expected
from ids
full outer join expected on ids.segment_id = expected.segment_id
where ids.segment_id is null or expected.segment_id is null

{% endtest %}
