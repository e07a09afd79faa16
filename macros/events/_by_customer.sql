{# One row per customer, with columns that are computed of aggregates of their events; of all who are observed, if it is known who is. #}
{% macro _by_customer(events, customer_id, as_of, customers, aggregates, columns) -%}
    {%- set usable = mallard._usable(events) -%}
    with mallard__day as (

        select {{ mallard._as_of(as_of) if as_of is not none else 'cast(max(mallard__moment) as date)' }} as mallard__as_of
        {{ 'from ' ~ usable if as_of is none }}

    ),

    mallard__active as (

        select
            mallard__customer,
            any_value(mallard__id) as mallard__id,
            {%- for name, aggregate in aggregates.items() %}
            {{ aggregate }} as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from (
            select
                *,
                date_diff('day', cast(mallard__moment as date), mallard__as_of) as mallard__days_ago
            from {{ usable }}
            cross join mallard__day
        )
        group by mallard__customer

    )
    {%- if customers is not none %},

    mallard__observed as (

        {{ mallard._observed(customers, customer_id) }}

    )
    {%- endif %}
    {%- set first = 'mallard__active' if customers is none else 'mallard__observed' %}

    select
        {{ first }}.mallard__id as {{ mallard._quoted(customer_id) }},
        {%- for name, expression in columns.items() %}
        {{ expression }} as {{ mallard._quoted(name) }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ first }}
    {{ 'left join mallard__active using (mallard__customer)' if customers is not none }}
{%- endmacro %}
