-- Songs by the direction of their sound; the silent one has none.
{{ config(materialized='segmentation', meta={'id': 'song', 'metric': 'cosine', 'scale': 'none', 'n_clusters': 3}) }}

select song, loudness, tempo, brightness from {{ ref('songs') }}
union all
select 0, 0, 0, 0
union all
select -1, null, 0, 0
