{# Checks, for a segmentation, that a new version gave at most the share `at_most` of the customers another segment_id for nothing: of those
   whose segment survived, who were there at the build before, and whom the version before leaves where they were. Where that version lacks
   a column, what customers did can't be told apart, and counts, too. Passes where nothing was fitted. Fails with one row per pair of
   segments between which customers were moved. Groups are checked each for itself. #}
{% test ids_persist(model, at_most=0.1) %}

{% if model is string %}
    {% do exceptions.raise_compiler_error("mallard: ids_persist doesn't support where: it needs all customers. Remove it.") %}
{% endif %}
{% set found = mallard._versions_before(model) %}
{% set has_groups = found and found[0].group is not none %}
{% set versions = mallard._stored(model, found) if found else {} %}
{% set known = adapter.get_columns_in_relation(model) | map(attribute='name') | map('lower') | list if found else [] %}
{% set query %}
with customers as (

    {% for before in found -%}
    {%- set needed = before.plan.columns + [before.plan.settings.weight_column] if before.plan.settings.weight_column else before.plan.columns -%}
    {%- set can_score = not needed | map('lower') | reject('in', known) | list -%}
    {%- set customers -%}
        (
            select
                {% if can_score %}{% for column in needed %}{{ mallard._quoted(column) }}, {% endfor %}{% endif %}
                previous_segment_id as mallard__old_id,
                segment_id as mallard__new_id
            from {{ model }}
            where not is_new {{- ' and ' ~ mallard._is_of_group(before.group) if has_groups }}
        )
    {%- endset -%}
    select
        {{ mallard._literal(before.group or '') }} as group_name,
        {{ before.number }} as from_version,
        mallard__old_id,
        mallard__new_id
    {%- if can_score %}
    from ({{ mallard._scored_by(customers, versions[before.group]) }})
    where segment_id = mallard__old_id
    {%- else %}
    from {{ customers }}
    {%- endif %}
    {{ 'union all' if not loop.last }}
    {% else -%}
    select
        '' as group_name,
        version as from_version,
        previous_segment_id as mallard__old_id,
        segment_id as mallard__new_id
    from {{ model }}
    where false
    {%- endfor %}

),

survived as (

    select
        {{ '"group"' if has_groups else "''" }} as group_name,
        from_version,
        segment_id as mallard__old_id
    from {{ mallard.lineage(model) }}
    where fate = 'survived'

),

pairs as (

    select
        group_name,
        mallard__old_id as from_segment_id,
        mallard__new_id as to_segment_id,
        count(*) as n_customers,
        count(*) filter (where mallard__old_id is distinct from mallard__new_id) as n_moved
    from customers
    inner join survived using (group_name, from_version, mallard__old_id)
    group by all

)

select
    {{ 'group_name,' if has_groups }}
    from_segment_id,
    to_segment_id,
    n_moved,
    share_moved
from (
    select
        *,
        sum(n_moved) over (partition by group_name) / sum(n_customers) over (partition by group_name) as share_moved
    from pairs
)
where n_moved > 0 and share_moved > {{ at_most }}
{% endset %}

{{ mallard._sql(query) }}

{% endtest %}
