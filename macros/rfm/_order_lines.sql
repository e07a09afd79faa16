{# One row per row of the orders, with its amount, and its order if that has an id. #}
{% macro _order_lines(relation, customer_id, ordered_at, amount, as_of, order_id=none) -%}
    {%- set columns = {'customer_id': customer_id, 'ordered_at': ordered_at, 'amount': amount} -%}
    {%- set values = {} -%}
    {%- if order_id is not none -%} {%- do columns.update(order_id=order_id) -%} {%- endif -%}
    {%- do mallard._check_names(relation, columns) -%}
    {%- if order_id is not none -%} {%- do values.update(mallard__order=mallard._exact_text(mallard._quoted(order_id))) -%} {%- endif -%}
    {%- do values.update(mallard__amount=mallard._finite(amount)) -%}
    {{ mallard._events(relation, customer_id, ordered_at, as_of, values, {'mallard__amount is null': amount ~ ' is missing'}) }}
{%- endmacro %}

{# What amounts of one group of rows are multiplied by, to be added as whole numbers: 10,000 if none has more than four decimals, so that
   0.1 and 0.2 are 0.3. A scale for several groups would round the amounts of one by the largest of another. #}
{% macro _amount_scale(amount) -%}
    case
        when bool_and(round({{ amount }} * 1e4) / 1e4 = {{ amount }}) and max(abs({{ amount }})) < 1e11 then 1e4
        else {{ mallard.default__sum_scale('max(abs(' ~ amount ~ '))') }}
    end
{%- endmacro %}
