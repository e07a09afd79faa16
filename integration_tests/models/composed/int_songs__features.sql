-- One row per song, with each feature scaled.
select
    *,
    {{ mallard.scaled_features(mallard.load_statistics(ref('int_songs__statistics'))) }}
from {{ ref('songs') }}
