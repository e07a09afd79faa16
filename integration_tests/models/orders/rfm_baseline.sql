-- One row per customer, with the scores that people know.
{{ mallard.rfm_scores(ref('order_customers')) }}
