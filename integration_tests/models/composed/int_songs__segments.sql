-- One row per segment of the number of clusters chosen.
select * from {{ ref('song_partitions') }}
where is_selected
