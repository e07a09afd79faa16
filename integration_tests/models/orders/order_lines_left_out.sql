-- One row per reason why order lines can't be used.
{{ mallard.rfm_left_out(ref('orders'), 'customer_id', 'ordered_at', 'amount', as_of='2025-12-31') }}
