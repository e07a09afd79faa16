-- The segmentation of song_segments, step by step.
{% set centroids = mallard.load_centroids(ref('int_songs__segments')) %}

{{ mallard.scored_customers(ref('int_songs__features'), centroids) }}
