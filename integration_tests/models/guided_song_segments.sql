-- From centroids that somebody guessed, whose ids the segments keep.
-- depends_on: {{ ref('song_guesses') }}
{{ config(materialized='segmentation', meta={'id': 'song', 'init': 'song_guesses', 'scale': 'minmax'}) }}

select * from {{ ref('songs') }}
