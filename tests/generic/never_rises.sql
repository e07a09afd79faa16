{# Checks that the column never rises from one row to the next, in the order of the column `along`. Fails with one row per rise. #}
{% test never_rises(model, column, along) %}

with steps as (

    select
        {{ along }},
        {{ column }},
        lag({{ column }}) over (order by {{ along }} asc nulls last) as previous
    from {{ model }}

)

select * from steps
where {{ column }} > previous

{% endtest %}
