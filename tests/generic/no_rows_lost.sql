{# Checks that the model has as many rows as the relations in `from` together; with `id_column`, as many of each id. Fails with one row per
   id with a different number of rows or, without `id_column`, with one row that has both numbers. #}
{% test no_rows_lost(model, from, id_column=none) %}

{% set key = mallard._sql(mallard._exact_text(mallard._quoted(id_column))) if id_column else 'null' %}

with given as (

    {% for relation in from -%}
    select {{ key }} as id from {{ relation }}{{ ' union all ' if not loop.last }}
    {% endfor %}

),

given_counts as (

    select id, count(*) as n_rows from given group by id

),

kept_counts as (

    select {{ key }} as id, count(*) as n_rows from {{ model }} group by 1

)

select
    coalesce(given_counts.id, kept_counts.id) as id,
    coalesce(given_counts.n_rows, 0) as n_rows_given,
    coalesce(kept_counts.n_rows, 0) as n_rows_kept
from given_counts
full outer join kept_counts on given_counts.id is not distinct from kept_counts.id
where given_counts.n_rows is distinct from kept_counts.n_rows

{% endtest %}
