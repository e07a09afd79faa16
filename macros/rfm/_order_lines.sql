{# One row per row of the orders, with whose it is, its moment, its amount, its order if that has an id, and the first reason why it can't
   be used, or null. Ids are text here, which tells them apart whatever default_collation says. #}
{% macro _order_lines(relation, customer_id, ordered_at, amount, as_of, order_id=none) -%}
    {%- set columns = {'customer_id': customer_id, 'ordered_at': ordered_at, 'amount': amount} -%}
    {%- if order_id is not none -%} {%- do columns.update(order_id=order_id) -%} {%- endif -%}
    {%- do mallard._check_names(relation, columns) -%}
    select
        *,
        case
            when {{ mallard._says_something('mallard__customer') }} is not true then {{ mallard._literal(customer_id ~ ' is missing') }}
            when mallard__moment is null then {{ mallard._literal(ordered_at ~ ' is missing') }}
            when mallard__amount is null then {{ mallard._literal(amount ~ ' is missing') }}
            {%- if as_of is not none %}
            when (cast(mallard__moment as date) <= {{ mallard._as_of(as_of) }}) is not true
                then {{ mallard._literal(ordered_at ~ ' is after as_of') }}
            {%- endif %}
        end as mallard__reason
    from (
        select
            {{ mallard._quoted(customer_id) }} as mallard__id,
            {{ mallard._exact_text(mallard._quoted(customer_id)) }} as mallard__customer,
            {%- if order_id is not none %}
            {{ mallard._exact_text(mallard._quoted(order_id)) }} as mallard__order,
            {%- endif %}
            {{ mallard._if_finite(mallard._moment(mallard._quoted(ordered_at))) }} as mallard__moment,
            {{ mallard._finite(amount) }} as mallard__amount
        from {{ relation }}
    )
{%- endmacro %}

{# The rows that can be used, to select from. #}
{% macro _usable_lines(relation, customer_id, ordered_at, amount, as_of, order_id) -%}
    (
        select * from ({{ mallard._order_lines(relation, customer_id, ordered_at, amount, as_of, order_id) }})
        where mallard__reason is null
    )
{%- endmacro %}

{# What amounts of one group of rows are multiplied by, to be added as whole numbers: 10,000 if none has more than four decimals, so that
   0.1 and 0.2 are 0.3. A scale for several groups would round the amounts of one by the largest of another. #}
{% macro _amount_scale(amount) -%}
    case
        when bool_and(round({{ amount }} * 1e4) / 1e4 = {{ amount }}) and max(abs({{ amount }})) < 1e11 then 1e4
        else {{ mallard.sum_scale('max(abs(' ~ amount ~ '))') }}
    end
{%- endmacro %}

{# Whether a text is more than white space; null for none. #}
{% macro _says_something(text) -%}
    {{ return('regexp_matches(' ~ text ~ ", '[^\\s\\x{A0}]')") }}
{%- endmacro %}
