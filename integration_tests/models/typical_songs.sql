-- One row per segment that somebody guessed. A view, as most models are.
{{ config(materialized='view') }}

select * from {{ ref('song_guesses') }}
