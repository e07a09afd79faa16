{# Checks, for a segmentation and the builds of which suppress_below hides no count, that its transitions are the whole: they have every
   customer of the build and of the build before once, those who came to a segment are those who are in it or who leave it in the next part,
   and the last to come are in the table. Groups are checked each for itself. Fails with one row per sum that is wrong. #}
{% test transitions_add_up(model) %}

{% if model is string %}
    {% do exceptions.raise_compiler_error("mallard: transitions_add_up doesn't support where: it checks all customers. Remove it.") %}
{% endif %}
{% set group = mallard._sql('"group"') if mallard._has_groups(mallard.builds(model)) else "''" %}

with transitions as (

    select
        *,
        {{ group }} as group_name,
        part = 'redefinition' as is_second,
        part = 'redefinition' or not bool_or(part = 'redefinition') over (partition by {{ group }}, build) as is_last,
        count(*) over (partition by {{ group }}, build) > count(n_customers) over (partition by {{ group }}, build) as is_hidden
    from {{ mallard.transitions(model) }}

),

builds as (

    select
        *,
        {{ group }} as group_name
    from {{ mallard.builds(model) }}

),

came as (

    select group_name, build, is_second, is_last, to_segment_id as segment_id, sum(n_customers) as n
    from transitions
    where kind <> 'left'
    group by all

),

went as (

    select group_name, build, is_second, from_segment_id as segment_id, sum(n_customers) as n
    from transitions
    where kind <> 'joined'
    group by all

),

there as (

    select {{ group }} as group_name, segment_id, count(*) as n
    from {{ model }}
    group by all

),

last_builds as (

    select group_name, build
    from builds
    where build = (select max(build) from builds) and (select count(*) from there) > 0

),

counted as (

    select
        group_name,
        build,
        coalesce(sum(n_customers) filter (where kind <> 'left' and not is_second), 0) as n_now,
        coalesce(sum(n_customers) filter (where kind <> 'joined' and not is_second), 0) as n_before,
        coalesce(sum(n_customers) filter (where kind = 'joined'), 0) as n_joined,
        coalesce(sum(n_customers) filter (where kind = 'left'), 0) as n_left,
        sum(n_customers) filter (where is_second) as n_redefined,
        bool_or(part = 'together') as is_together,
        bool_or(is_hidden) as is_hidden
    from transitions
    group by group_name, build

),

totals as (

    select
        builds.*,
        counted.n_now,
        counted.n_before,
        counted.n_joined as n_who_joined,
        counted.n_left as n_who_left,
        counted.n_redefined,
        builds.is_fit and not coalesce(counted.is_together, false) as is_redefined
    from builds
    left join counted on builds.group_name = counted.group_name and builds.build = counted.build
    where builds.n_joined is not null and not coalesce(counted.is_hidden, false)

),

sums as (

    select 'customers of the build' as what, group_name, build, cast(null as integer) as segment_id, n_rows as expected, n_now as found
    from totals
    union all
    select 'customers of the build before' as what, group_name, build, null as segment_id, n_rows - n_joined + n_left as expected, n_before as found
    from totals
    union all
    select 'customers who joined' as what, group_name, build, null as segment_id, n_joined as expected, n_who_joined as found
    from totals
    union all
    select 'customers who left' as what, group_name, build, null as segment_id, n_left as expected, n_who_left as found
    from totals
    union all
    select
        'customers by a new version' as what,
        group_name,
        build,
        null as segment_id,
        case when is_redefined then n_rows end as expected,
        n_redefined as found
    from totals
    union all
    select
        'customers by the version before' as what,
        group_name,
        build,
        segment_id,
        came.n as expected,
        went.n as found
    from (select * from came where not is_second and not is_last) as came
    full join (select * from went where is_second) as went using (group_name, build, segment_id)
    where segment_id is not null
    union all
    select
        'customers in the table' as what,
        group_name,
        build,
        segment_id,
        there.n as expected,
        came.n as found
    from (select * from came inner join last_builds using (group_name, build) where is_last) as came
    full join (select * from there inner join last_builds using (group_name)) as there using (group_name, build, segment_id)
    where segment_id is not null

)

select sums.* from sums
inner join totals on sums.group_name = totals.group_name and sums.build = totals.build
where coalesce(sums.expected, 0) <> coalesce(sums.found, 0){{ " and false" if flags.EMPTY }}

{% endtest %}
