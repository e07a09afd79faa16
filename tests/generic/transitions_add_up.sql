{# Checks, for a segmentation, that its transitions are the whole: they have every customer of the build and of the build before once, those
   who came to a segment are those who are in it or who leave it in the next part, and the last to come are in the table. Fails with one row
   per sum that is wrong. #}
{% test transitions_add_up(model) %}

{% if model is string %}
    {% do exceptions.raise_compiler_error("mallard: transitions_add_up doesn't support where: it checks all customers. Remove it.") %}
{% endif %}

with transitions as (

    select
        *,
        part = 'redefinition' as is_second,
        part = 'redefinition' or not bool_or(part = 'redefinition') over (partition by build) as is_last
    from {{ mallard.transitions(model) }}

),

builds as (

    select * from {{ mallard.builds(model) }}
    where n_joined is not null

),

came as (

    select build, is_second, is_last, to_segment_id as segment_id, sum(n_customers) as n
    from transitions
    where kind <> 'left'
    group by all

),

went as (

    select build, is_second, from_segment_id as segment_id, sum(n_customers) as n
    from transitions
    where kind <> 'joined'
    group by all

),

there as (

    select (select max(build) from builds) as build, segment_id, count(*) as n
    from {{ model }}
    group by all

),

counted as (

    select
        build,
        coalesce(sum(n_customers) filter (kind <> 'left' and not is_second), 0) as n_now,
        coalesce(sum(n_customers) filter (kind <> 'joined' and not is_second), 0) as n_before,
        coalesce(sum(n_customers) filter (kind = 'joined'), 0) as n_joined,
        coalesce(sum(n_customers) filter (kind = 'left'), 0) as n_left,
        sum(n_customers) filter (is_second) as n_redefined,
        bool_or(part = 'together') as is_together
    from transitions
    group by build

),

sums as (

    select
        builds.build,
        cast(null as integer) as segment_id,
        unnest([
            {'what': 'customers of the build', 'expected': builds.n_rows, 'found': counted.n_now},
            {
                'what': 'customers of the build before',
                'expected': builds.n_rows - builds.n_joined + builds.n_left,
                'found': counted.n_before
            },
            {'what': 'customers who joined', 'expected': builds.n_joined, 'found': counted.n_joined},
            {'what': 'customers who left', 'expected': builds.n_left, 'found': counted.n_left},
            {
                'what': 'customers by a new version',
                'expected': case when builds.is_fit and not coalesce(counted.is_together, false) then builds.n_rows end,
                'found': counted.n_redefined
            }
        ], recursive := true)
    from builds
    left join counted on builds.build = counted.build
    union all by name
    select
        'customers by the version before' as what,
        build,
        segment_id,
        came.n as expected,
        went.n as found
    from (select * from came where not is_second and not is_last) as came
    full join (select * from went where is_second) as went using (build, segment_id)
    where segment_id is not null
    union all by name
    select
        'customers in the table' as what,
        build,
        segment_id,
        there.n as expected,
        came.n as found
    from (select * from came where is_last and build = (select max(build) from builds)) as came
    full join there using (build, segment_id)
    where segment_id is not null and build is not null

)

select * from sums
where coalesce(expected, 0) <> coalesce(found, 0){{ " and false" if flags.EMPTY }}

{% endtest %}
