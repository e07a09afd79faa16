{# Checks that exactly one row meets the condition. Fails with one row, the number of rows that meet it. #}
{% test exactly_one_row_where(model, condition) %}

select count(*) as n_rows from {{ model }}
where {{ condition }}
having count(*) != 1{{ " and false" if flags.EMPTY }}

{% endtest %}
