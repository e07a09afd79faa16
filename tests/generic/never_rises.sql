{# Checks that the column never rises from one row to the next, in the order of the column `along`; within each group, if there is a column
   `group`. Fails with one row per rise. #}
{% test never_rises(model, column, along) %}

{% set group = mallard._group_in(model) %}

with steps as (

    select
        {{ group ~ ',' if group }}
        {{ along }},
        {{ column }},
        lag({{ column }}) over ({{ 'partition by ' ~ group if group }} order by {{ along }} asc nulls last) as previous
    from {{ model }}

)

select * from steps
where {{ column }} > previous

{% endtest %}
