{# Checks, for a segmentation, that a new version gave at most the share `at_most` of the customers another segment_id for nothing: of those
   whose segment survived, who were there at the build before, and whom the version before leaves where they were. Where that version lacks
   a column, what customers did can't be told apart, and counts, too. Passes where nothing was fitted. Fails with one row per pair of
   segments between which customers were moved. #}
{% test ids_persist(model, at_most=0.1) %}

{% if model is string %}
    {% do exceptions.raise_compiler_error("mallard: ids_persist doesn't support where: it needs all customers. Remove it.") %}
{% endif %}
{% do mallard._check_has_no_groups(model, 'the test ids_persist', 'remove the test') %}
{% set stored = mallard._version_before(model) %}
{% set needed = [] %}
{% if stored %}
    {% for column in stored.plan.columns + [stored.plan.settings.weight_column] if column %}{% do needed.append(column) %}{% endfor %}
{% endif %}
{% set known = adapter.get_columns_in_relation(model) | map(attribute='name') | map('lower') | list if stored else [] %}
{% set can_score = stored and not needed | map('lower') | reject('in', known) | list %}
{% set customers %}
    (
        select
            {% if can_score %}{% for column in needed %}{{ mallard._quoted(column) }}, {% endfor %}{% endif %}
            previous_segment_id as mallard__old_id,
            segment_id as mallard__new_id
        from {{ model }}
        where not is_new
    )
{% endset %}
{% set query %}
with customers as (

    {% if can_score -%}
    select * from ({{ mallard._scored_by(customers, mallard.stored_version(model, stored.number)) }})
    where segment_id = mallard__old_id
    {%- else -%}
    select * from {{ customers }}
    {%- endif %}

),

survived as (

    select segment_id as mallard__old_id
    from {{ mallard.lineage(model) }}
    where from_version = {{ stored.number if stored else 0 }} and fate = 'survived'

),

pairs as (

    select
        mallard__old_id as from_segment_id,
        mallard__new_id as to_segment_id,
        count(*) as n_customers,
        count(*) filter (where mallard__old_id is distinct from mallard__new_id) as n_moved
    from customers
    inner join survived using (mallard__old_id)
    group by all

)

select
    from_segment_id,
    to_segment_id,
    n_moved,
    share_moved
from (select *, sum(n_moved) over () / sum(n_customers) over () as share_moved from pairs)
where n_moved > 0 and share_moved > {{ at_most }}
{% endset %}

{{ mallard._sql(query) }}

{% endtest %}
