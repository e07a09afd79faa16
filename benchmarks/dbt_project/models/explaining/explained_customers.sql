-- One row per customer and feature, with what it contributes to the segment.
{{ mallard.explain(ref('lived_segments')) }}
