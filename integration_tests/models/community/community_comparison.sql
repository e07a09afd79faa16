-- One row per addition and segmentation: the one without it, and the one with it.
{{ config(materialized='table') }}

select
    'activity and ratings' as addition,
    *
from ({{ mallard.compare_segmentations(ref('community_segments_without'), ref('community_segments')) }})
{% if target.type == 'duckdb' %}
union all
select
    'texts' as addition,
    *
from ({{ mallard.compare_segmentations(ref('community_segments'), ref('community_segments_with_texts')) }})
{% endif %}
