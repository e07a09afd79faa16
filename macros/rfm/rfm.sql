{% macro rfm(relation, customer_id, ordered_at, amount, as_of=none, order_id=none) -%}
    {{ return(mallard._sql(adapter.dispatch('rfm', 'mallard')(relation, customer_id, ordered_at, amount, as_of, order_id))) }}
{%- endmacro %}

{# Orders are told apart apart from the sums, so that the rows to remember, one for each order, are narrow. #}
{% macro default__rfm(relation, customer_id, ordered_at, amount, as_of, order_id) -%}
    {%- set lines = mallard._usable(mallard._order_lines(relation, customer_id, ordered_at, amount, as_of, order_id)) -%}
    {%- set bought, returned = 'greatest(mallard__amount, 0)', 'greatest(-mallard__amount, 0)' -%}
    with mallard__bounds as (

        select
            mallard__customer,
            {{ mallard._amount_scale(bought) }} as mallard__revenue_scale,
            {{ mallard._amount_scale(returned) }} as mallard__returned_scale,
            max(mallard__moment) as mallard__latest
        from {{ lines }}
        group by mallard__customer

    ),

    mallard__day as (

        select {{ mallard._as_of(as_of) if as_of is not none else 'cast(max(mallard__latest) as date)' }} as mallard__as_of
        {{ 'from mallard__bounds' if as_of is none }}

    ),

    mallard__customers as (

        select
            mallard__customer,
            any_value(mallard__id) as mallard__id,
            cast(max(mallard__moment) filter (mallard__amount >= 0) as date) as last_ordered_on,
            cast(min(mallard__moment) filter (mallard__amount >= 0) as date) as first_ordered_on,
            {{ mallard.default__exact_sum(bought, 'mallard__revenue_scale') }} as revenue,
            count(*) filter (mallard__amount < 0) as n_returns,
            {{ mallard.default__exact_sum(returned, 'mallard__returned_scale') }} as returned
        from {{ lines }}
        inner join mallard__bounds using (mallard__customer)
        group by mallard__customer

    ),

    mallard__orders as (

        select
            mallard__customer,
            count(*) as n_orders
        from (
            select distinct
                mallard__customer,
                {%- if order_id is not none %}
                case when {{ mallard._says_something('mallard__order') }} then mallard__order end,
                case when {{ mallard._says_something('mallard__order') }} is not true then mallard__moment end
                {%- else %}
                mallard__moment
                {%- endif %}
            from {{ lines }}
            where mallard__amount >= 0
        )
        group by mallard__customer

    )

    select
        mallard__id as {{ mallard._quoted(customer_id) }},
        last_ordered_on as "last_ordered_on",
        first_ordered_on as "first_ordered_on",
        date_diff('day', last_ordered_on, mallard__as_of) as "recency_days",
        coalesce(n_orders, 0) as "orders",
        revenue as "revenue",
        revenue / n_orders as "average_order",
        date_diff('day', first_ordered_on, mallard__as_of) as "tenure_days",
        cast(date_diff('day', first_ordered_on, last_ordered_on) as double) / nullif(n_orders - 1, 0) as "days_between_orders",
        n_returns as "returns",
        returned as "returned"
    from mallard__customers
    cross join mallard__day
    left join mallard__orders using (mallard__customer)
{%- endmacro %}
