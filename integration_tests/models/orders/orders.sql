-- One row per order line of the shop, returns and lines without a customer among them. Made up, of three kinds of customers.
with customers as (

    select
        customer,
        customer % 3 as kind
    from range(240) as of_shop(customer)

),

kinds as (

    select 0 as kind, 12 as n_orders, 0 as first_day, 7 as days_between, 6 as days_about, 60 as price
    union all
    select 1 as kind, 4 as n_orders, 150 as first_day, 40 as days_between, 30 as days_about, 35 as price
    union all
    select 2 as kind, 1 as n_orders, 5 as first_day, 3 as days_between, 60 as days_about, 140 as price

),

orders as (

    select
        customers.customer,
        kinds.first_day,
        kinds.days_between,
        kinds.days_about,
        kinds.price,
        numbers.nth,
        customers.customer * 100 + numbers.nth as order_id
    from customers
    inner join kinds on customers.kind = kinds.kind
    inner join range(13) as numbers(nth) on numbers.nth < kinds.n_orders + customers.customer % 2

),

lines as (

    select
        orders.*,
        numbers.line
    from orders
    inner join range(2) as numbers(line) on numbers.line < 1 + (orders.customer + orders.nth) % 2

),

drawn as (

    select
        *,
        {{ md5_number_lower("order_id || ' on'") }} % 1000 as drawn_on,
        {{ md5_number_lower("order_id || ' line ' || line") }} % 1000 as drawn
    from lines

)

select
    case
        when drawn % 40 = 1 then null
        when drawn % 100 = 2 then ' '
        else 'c-' || lpad(cast(customer as string), 3, '0')
    end as customer_id,
    order_id,
    timestamp '2026-01-03 18:00:00'
    - cast(first_day + nth * days_between + drawn_on % days_about as integer) * interval '1' day as ordered_at,
    cast(
        case when drawn % 23 = 0 then -1 else 1 end * price * (0.5 + 0.001 * cast(drawn as integer))
        as decimal(10, 2)
    ) as amount
from drawn
