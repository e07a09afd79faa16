-- One row per feature of one customer.
{{ mallard.explain(ref('lived_segments'), 1) }}
