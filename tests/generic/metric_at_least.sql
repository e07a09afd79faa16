{# Checks that no value of the column is below `minimum`. Null passes, because the metric isn't defined there. Fails with one row per value
   below `minimum`. #}
{% test metric_at_least(model, column_name, minimum) %}

select * from {{ model }}
where {{ column_name }} < {{ minimum }}

{% endtest %}
