-- One row per order line of the shop, returns and lines without a customer among them. Made up, of three kinds of customers.
with customers as (

    select
        customer,
        customer % 3 as kind
    from range(240) as of_shop(customer)

),

orders as (

    select
        customer,
        kind,
        unnest(range([12, 4, 1][kind + 1] + customer % 2)) as nth
    from customers

),

lines as (

    select
        customer,
        kind,
        nth,
        customer * 100 + nth as order_id,
        unnest(range(1 + (customer + nth) % 2)) as line
    from orders

),

drawn as (

    select
        *,
        md5_number_lower(order_id || ' on') % 1000 as drawn_on,
        md5_number_lower(order_id || ' line ' || line) % 1000 as drawn
    from lines

)

select
    case
        when drawn % 40 = 1 then null
        when drawn % 100 = 2 then ' '
        else 'c-' || lpad(cast(customer as varchar), 3, '0')
    end as customer_id,
    order_id,
    timestamp '2026-01-03 18:00:00'
    - to_days(cast([0, 150, 5][kind + 1] + nth * [7, 40, 3][kind + 1] + drawn_on % [6, 30, 60][kind + 1] as integer)) as ordered_at,
    cast(
        case when drawn % 23 = 0 then -1 else 1 end * [60, 35, 140][kind + 1] * (0.5 + 0.001 * cast(drawn as integer))
        as decimal(10, 2)
    ) as amount
from drawn
