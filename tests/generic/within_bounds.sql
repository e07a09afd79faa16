{# Checks that the values of the column are between `lowest` and `highest`, inclusive. Null passes, NaN fails. Fails with one row per value
   outside. #}
{% test within_bounds(model, column_name, lowest, highest) %}

select * from {{ model }}
where {{ column_name }} not between {{ lowest }} and {{ highest }}

{% endtest %}
