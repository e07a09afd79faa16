-- One row per feature, with what it is scaled by.
{{ mallard.feature_statistics(ref('songs'), mallard.features(['loudness', 'tempo', 'brightness'], scale='none')) }}
