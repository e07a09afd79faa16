-- One row per customer with an order or a return.
{{ mallard.rfm(ref('orders'), 'customer_id', 'ordered_at', 'amount', as_of='2025-12-31', order_id='order_id') }}
