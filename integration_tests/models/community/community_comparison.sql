-- Two rows: the segments without and with what customers do and write, side by side.
{{ config(materialized='table') }}

{{ mallard.compare_segmentations(ref('community_segments_without'), ref('community_segments')) }}
