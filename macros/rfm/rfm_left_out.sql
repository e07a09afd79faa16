{% macro rfm_left_out(relation, customer_id, ordered_at, amount, as_of=none) -%}
    {{ return(mallard._sql(adapter.dispatch('rfm_left_out', 'mallard')(relation, customer_id, ordered_at, amount, as_of))) }}
{%- endmacro %}

{% macro default__rfm_left_out(relation, customer_id, ordered_at, amount, as_of) -%}
    {%- set lines = '(' ~ mallard._order_lines(relation, customer_id, ordered_at, amount, as_of) ~ ')' -%}
    with mallard__bounds as (

        select
            mallard__reason,
            {{ mallard._amount_scale('mallard__amount') }} as mallard__scale
        from {{ lines }}
        where mallard__reason is not null
        group by mallard__reason

    )

    select
        mallard__reason as "reason",
        count(*) as "n_rows",
        {{ mallard.default__exact_sum('mallard__amount', 'mallard__scale') }} as "amount"
    from {{ lines }}
    inner join mallard__bounds using (mallard__reason)
    group by mallard__reason
{%- endmacro %}
