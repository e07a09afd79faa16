{# One row per event of a relation, such as an order or a review, with whose it is, its moment, other values, and the first reason why it
   can't be used, or null. Ids are text here, which tells them apart whatever default_collation says. `values` are expressions by the names
   that they get, and `reasons` are texts by the conditions that they follow from. #}
{% macro _events(relation, customer_id, at, as_of, values, reasons, customers=none) -%}
    select
        *,
        case
            when {{ mallard._says_something('mallard__customer') }} is not true then {{ mallard._literal(customer_id ~ ' is missing') }}
            when mallard__moment is null then {{ mallard._literal(at ~ ' is missing') }}
            {%- for condition, reason in reasons.items() %}
            when {{ condition }} then {{ mallard._literal(reason) }}
            {%- endfor %}
            {%- if as_of is not none %}
            when (cast(mallard__moment as date) <= {{ mallard._as_of(as_of) }}) is not true then {{ mallard._literal(at ~ ' is after as_of') }}
            {%- endif %}
            {%- if customers is not none %}
            when mallard__customer not in (select mallard__customer from ({{ mallard._observed(customers, customer_id) }}))
                then {{ mallard._literal(customer_id ~ ' is not among customers') }}
            {%- endif %}
        end as mallard__reason
    from (
        select
            {{ mallard._quoted(customer_id) }} as mallard__id,
            {{ mallard._exact_text(mallard._quoted(customer_id)) }} as mallard__customer,
            {%- for name, expression in values.items() %}
            {{ expression }} as {{ name }},
            {%- endfor %}
            {{ mallard._if_finite(mallard._moment(mallard._quoted(at))) }} as mallard__moment
        from {{ relation }}
    )
{%- endmacro %}

{# The events that can be used, to select from. #}
{% macro _usable(events) -%}
    (select * from ({{ events }}) where mallard__reason is null)
{%- endmacro %}

{# One row per reason why events can't be used, with how many there are. #}
{% macro _left_out(events) -%}
    select
        mallard__reason as "reason",
        count(*) as "n_rows"
    from ({{ events }})
    where mallard__reason is not null
    group by mallard__reason
{%- endmacro %}
