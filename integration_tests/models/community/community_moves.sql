-- One row per customer who is elsewhere than most of the same segment, once it counts what customers do and write.
{{ config(materialized='table') }}

{{ mallard.moved_customers(ref('community_segments_without'), ref('community_segments')) }}
