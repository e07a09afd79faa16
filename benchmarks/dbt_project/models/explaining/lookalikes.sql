-- The customers nearest to a segment who aren't in it.
{{ mallard.lookalikes(ref('lived_segments'), 1) }}
