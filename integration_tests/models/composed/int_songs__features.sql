-- One row per song, with each feature scaled.
{% set features = mallard.features(['loudness', 'tempo', 'brightness'], scale='none') %}

select
    *,
    {{ mallard.scaled_features(mallard.load_statistics(ref('int_songs__statistics'), features)) }}
from {{ ref('songs') }}
