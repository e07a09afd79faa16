{# The column is nowhere below `minimum`; null passes where the metric isn't defined. Fails with one row per value below. #}
{% test metric_at_least(model, column_name, minimum) %}

select * from {{ model }}
where {{ column_name }} < {{ minimum }}

{% endtest %}
