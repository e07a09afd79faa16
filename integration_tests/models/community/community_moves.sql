-- One row per addition and customer who is elsewhere, once it counts, than most of the same segment.
{{ config(materialized='table') }}

select
    'activity and ratings' as addition,
    *
from ({{ mallard.moved_customers(ref('community_segments_without'), ref('community_segments')) }})
{% if target.type == 'duckdb' %}
union all
select
    'texts' as addition,
    *
from ({{ mallard.moved_customers(ref('community_segments'), ref('community_segments_with_texts')) }})
{% endif %}
