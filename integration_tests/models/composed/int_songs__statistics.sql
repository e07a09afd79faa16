-- One row: what the features are scaled by.
{{ mallard.feature_statistics(ref('songs'), mallard.features(['loudness', 'tempo', 'brightness'], scale='none')) }}
