-- A vector is as many features as it has numbers.
{{ config(materialized='segmentation', meta={'id': 'song'}) }}

select
    song,
    {{ mallard._sql('cast([loudness, tempo, brightness] as float[3])') }} as sound
from {{ ref('songs') }}
