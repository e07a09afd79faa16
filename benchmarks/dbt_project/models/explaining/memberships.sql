-- One row per customer and segment, with a probability.
{{ mallard.memberships(ref('lived_segments')) }}
