-- The customers nearest to each centroid.
{{ mallard.representatives(ref('lived_segments')) }}
