{% macro transitions(segmentation) -%}
    {{ return(adapter.dispatch('transitions', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__transitions(segmentation) -%}
    {{ return(mallard._beside(segmentation, 'transitions')) }}
{%- endmacro %}

{# Customers are counted by where they were, where the version of the build before puts them today, and where they are. Unless a version was
   fitted that the one before can be compared with, the last two are the same. #}
{% macro _transitions_query(made) -%}
    {%- if not made.before -%}
        {{ return(mallard._no_rows_beside('transitions')) }}
    {%- endif -%}
    {%- set is_redefined = made.version.is_new and made.can_score -%}
    {%- set old = made.old_centroids if made.version.is_new else made.centroids -%}
    {%- set value_column = made.plan.settings.value_column -%}
    {%- set today = mallard._customers_by_both(made, old) if is_redefined else mallard._customers_by_one(made) -%}
    {%- set are_counted = not (value_column or made.plan.weight or made.stored.plan.weight) -%}
    with {{ mallard._flows_of_counts(made, today) if are_counted else mallard._flows_of_sums(made, today) }},

    mallard__parts as (

        select
            {{ "'together'" if made.version.is_new and not is_redefined else "'behaviour'" }} as part,
            case
                when not was_there then 'joined'
                when not is_there then 'left'
                when before_id is not distinct from old_id then 'stayed'
                else 'moved'
            end as kind,
            before_id as from_id,
            {{ mallard.default__segment_name('before_id', old) }} as from_name,
            old_id as to_id,
            {{ mallard.default__segment_name('old_id', made.centroids if made.version.is_new and not is_redefined else old) }} as to_name,
            n_customers,
            weight,
            value_before,
            value,
            [before_id, old_id, new_id] as place
        from mallard__flows
        {%- if is_redefined %}
        union all
        select
            'redefinition',
            case when old_id is not distinct from new_id then 'stayed' else 'moved' end,
            old_id,
            {{ mallard.default__segment_name('old_id', old) }},
            new_id,
            {{ mallard.default__segment_name('new_id', made.centroids) }},
            n_customers,
            weight,
            null,
            value,
            [before_id, old_id, new_id]
        from mallard__flows
        where is_there
        {%- endif %}

    )

    select
        cast({{ made.stored.number }} as integer) as "from_version",
        cast({{ made.version.number }} as integer) as "version",
        part as "part",
        kind as "kind",
        from_id as "from_segment_id",
        from_name as "from_segment_name",
        to_id as "to_segment_id",
        to_name as "to_segment_name",
        cast(sum(n_customers) as bigint) as "n_customers",
        {{ mallard._in_order('weight') }} as "weight",
        {{ mallard._in_order('value_before') if value_column else 'cast(null as double)' }} as "value_before",
        {{ mallard._in_order('value') if value_column else 'cast(null as double)' }} as "value"
    from mallard__parts
    group by part, kind, from_id, from_name, to_id, to_name
    order by part asc, kind asc, from_id asc nulls last, to_id asc nulls last
{%- endmacro %}

{# Where customers count as one each, today's say what was before, too; who isn't there any more is who is missing. #}
{% macro _flows_of_counts(made, today) -%}
    mallard__now as (

        select
            not mallard__is_new as was_there,
            mallard__previous_segment_id as before_id,
            mallard__old_id as old_id,
            mallard__new_id as new_id,
            count(*) as n_customers
        from {{ today }}
        group by all

    ),

    mallard__left as (

        select
            before_id,
            sum(n_customers) as n_customers
        from (
            select
                segment_id as before_id,
                count(*) as n_customers
            from {{ made.before }}
            group by segment_id
            union all
            select
                before_id,
                -n_customers as n_customers
            from mallard__now
            where was_there
        )
        group by before_id

    ),

    mallard__flows as (

        select
            true as is_there,
            was_there,
            before_id,
            old_id,
            new_id,
            n_customers,
            cast(n_customers as double) as weight,
            cast(null as double) as value_before,
            cast(null as double) as value
        from mallard__now
        union all
        select
            false,
            true,
            before_id,
            null,
            null,
            n_customers,
            cast(n_customers as double),
            null,
            null
        from mallard__left
        where n_customers > 0

    )
{%- endmacro %}

{# Where they count by a weight, or are worth something, those of both builds meet. #}
{% macro _flows_of_sums(made, today) -%}
    {%- set value_column = made.plan.settings.value_column -%}
    {%- set id = mallard._comparable_id(made.before, made.plan) -%}
    mallard__now as (

        select
            {{ id.now }} as mallard__id,
            mallard__old_id as old_id,
            mallard__new_id as new_id,
            {{ made.plan.weight or '1' }} as weight,
            {{ mallard._worth(value_column) }} as value
        from {{ today }}

    ),

    mallard__before as (

        select
            {{ id.before }} as mallard__id,
            segment_id as before_id,
            {{ made.stored.plan.weight or '1' }} as weight,
            {{ mallard._worth_before(made.before, value_column) }} as value
        from {{ made.before }}

    ),

    mallard__scales as (

        select
            {{ mallard.default__sum_scale('max(weight)') }} as mallard__weight_scale,
            {{ mallard.default__sum_scale('max(value)') }} as mallard__value_scale
        from (
            select max(weight) as weight, max(abs(value) * weight) as value from mallard__before
            union all
            select max(weight), max(abs(value) * weight)
            from (select {{ made.plan.weight or '1' }} as weight, {{ mallard._worth(value_column) }} as value from {{ made.customers }})
        )

    ),

    mallard__flows as (

        select
            mallard__now.mallard__id is not null as is_there,
            mallard__before.mallard__id is not null as was_there,
            before_id,
            old_id,
            new_id,
            count(*) as n_customers,
            {{ mallard.default__exact_sum('coalesce(mallard__now.weight, mallard__before.weight)', 'mallard__weight_scale') }} as weight,
            {{ mallard.default__exact_sum('mallard__before.value * mallard__before.weight', 'mallard__value_scale') }} as value_before,
            {{ mallard.default__exact_sum('mallard__now.value * mallard__now.weight', 'mallard__value_scale') }} as value
        from mallard__now
        full join mallard__before on mallard__now.mallard__id = mallard__before.mallard__id
        cross join mallard__scales
        group by all

    )
{%- endmacro %}

{# Customers of today with their segment by the version before and by today's. #}
{% macro _customers_by_both(made, old) -%}
    {%- set today -%}
        (
            select
                * exclude ({{ mallard._added_columns() | join(', ') }}),
                segment_id as mallard__new_id,
                previous_segment_id as mallard__previous_segment_id,
                is_new as mallard__is_new
            from {{ made.customers }}
        )
    {%- endset -%}
    {%- set scaled = mallard._scaled_customers(today, dict(made.stored.statistics, weight=none), made.stored.plan) -%}
    (
        select
            *,
            segment_id as mallard__old_id
        from ({{ mallard.default__scored_customers('(' ~ scaled ~ ')', old, 'mallard__scaled_', 'mallard__is_used') }})
    )
{%- endmacro %}

{# Customers of today with their segment in both places. #}
{% macro _customers_by_one(made) -%}
    (
        select
            *,
            segment_id as mallard__old_id,
            segment_id as mallard__new_id,
            previous_segment_id as mallard__previous_segment_id,
            is_new as mallard__is_new
        from {{ made.customers }}
    )
{%- endmacro %}

{# What a customer is worth; nothing where that isn't known. #}
{% macro _worth(value_column) -%}
    {{ return('coalesce(' ~ mallard._finite(value_column) ~ ', 0)' if value_column else 'cast(null as double)') }}
{%- endmacro %}

{# The same at the build before, when there may have been no such column, or one of another type. #}
{% macro _worth_before(before, value_column) -%}
    {%- set names = adapter.get_columns_in_relation(before) | map(attribute='name') | map('lower') | list -%}
    {%- if not value_column or value_column | lower not in names -%}
        {{ return('cast(null as double)') }}
    {%- endif -%}
    {{ return('coalesce(' ~ mallard._if_finite('try_cast(' ~ mallard._quoted(value_column) ~ ' as double)') ~ ', 0)') }}
{%- endmacro %}

{# The sum of a column over flows. Of the last bits of a sum of doubles, the order decides. #}
{% macro _in_order(column) -%}
    list_sum(list({{ column }} order by place asc) filter ({{ column }} is not null))
{%- endmacro %}

{% macro _transitions_table() -%}
    {%- set id = mallard._table('customers').columns.segment_id[0] -%}
    {{ return({
        'row': 'One row per build and pair of segments between which customers moved or in which they stayed: once for what customers did, and once for what a new version did to them.',
        'keeps': 'builds',
        'figures': {'row': ['n_customers', 'weight'], 'value': ['value_before', 'value']},
        'columns': {
            'build': mallard._build_column(),
            'built_at': mallard._built_at_column(),
            'run_id': mallard._run_id_column(),
            'from_version': ['integer', 'The version that gave the segments of the build before.'],
            'version': ['integer', 'The version that gave those of this build: the same, unless this build fitted one.'],
            'part': ['varchar', 'behaviour: the segments stored at the build before against those of today by the version of then. redefinition: today\'s customers by the version of then against today\'s version; there only if a version was fitted. together: both in one, where the version of then lacks a column of today\'s select.'],
            'kind': ['varchar', 'stayed; moved; joined, if they were not there at the build before; or left, if they are not there any more.'],
            'from_segment_id': [id, 'The segment that the customers come from. Null if they had none, or were not there.'],
            'from_segment_name': ['varchar', 'Its name.'],
            'to_segment_id': [id, 'The segment that they came to. Null if they have none, or are not there any more.'],
            'to_segment_name': ['varchar', 'Its name.'],
            'n_customers': ['bigint', 'Customers who did so.'],
            'weight': ['double', 'How often they count together: today, or at the build before if they left.'],
            'value_before': ['double', 'What they were worth at the build before: the sum of the column of the setting value_column, weighted, if customers have weights; a missing value counts as nothing. Null without that setting, if they were not there, and for redefinition, which looks at today alone.'],
            'value': ['double', 'What they are worth today. Null without that setting, and if they left.'],
        },
    }) }}
{%- endmacro %}

{# Flows add up to the segments of both builds. #}
{% macro _few_in_transitions(rows, made, fewest) -%}
    select
        *,
        mallard__hides_row or (select is_hidden from mallard__few_worth) as mallard__hides_value
    from ({{ mallard._all_or_none(rows, 'n_customers', 'part', fewest) }})
{%- endmacro %}
