{# What several tables have to hide, for the time of a build: mallard__few_segments; mallard__few_means, of a segment and a feature or
   the value; mallard__few_features, whose means count few customers, because they have but two values; and mallard__few_worth, one
   row that says whether sums of the value are hidden. Names are hashed, so that no default_collation takes two for one. #}
{% macro _keep_few(made) -%}
    {%- set fewest = made.plan.settings.suppress_below -%}
    {%- set segments -%}
        select 0 as whole, segment_id as part, 0 as cell_group, count(*) as n from {{ made.customers }}
        where segment_id is not null
        group by segment_id
    {%- endset -%}
    {%- do mallard._keep('mallard__few_segments', 'select part as segment_id from (' ~ mallard._parts_to_hide(segments, fewest) ~ ')') -%}
    {%- set columns, measures = {}, [] -%}
    {%- for feature in made.plan.features -%} {%- do columns.update({feature.name: feature.column}) -%} {%- endfor -%}
    {%- for of in made.statistics.features if not of.size -%}
        {%- do measures.append({'name': of.name, 'column': columns[of.name], 'expression': of.expression}) -%}
    {%- endfor -%}
    {%- set value = made.plan.settings.value_column -%}
    {%- do measures.append({'name': 'mallard__value', 'column': 'mallard__value', 'expression': mallard._finite(value)}) if value -%}
    {%- do mallard._keep('mallard__counts_of_values', mallard._counts_of_values(made.customers, measures)) -%}
    {%- set means -%}
        select feature as whole, segment_id as part, 0 as cell_group, n_known as n from mallard__counts_of_values
    {%- endset -%}
    {%- do mallard._keep(
        'mallard__few_means', 'select whole as feature, part as segment_id from (' ~ mallard._parts_to_hide(means, fewest) ~ ')'
    ) -%}
    {%- do mallard._keep('mallard__few_features', mallard._few_of_two_values('mallard__counts_of_values', fewest)) -%}
    {%- set is_visible = 'segment_id not in (select segment_id from mallard__few_segments)' -%}
    {%- set worth -%}
        select
            (select count(*) from mallard__few_features where feature = md5('mallard__value')) > 0
            or (select count(*) from mallard__few_means where feature = md5('mallard__value') and {{ is_visible }}) > 0
            or {{ mallard._are_few(
                "(select coalesce(sum(n_known), 0) from mallard__counts_of_values where feature = md5('mallard__value') and not ("
                ~ is_visible ~ '))', fewest
            ) }} as is_hidden
    {%- endset -%}
    {%- do mallard._keep('mallard__few_worth', worth) -%}
{%- endmacro %}

{# One row per measure and segment: how many customers have a number, how many have the larger one of two, and whether there are but two. #}
{% macro _counts_of_values(customers, measures) -%}
    {%- if not measures -%}
        {{ return(
            'select cast(null as varchar) as feature, cast(null as varchar) as of_column, cast(null as integer) as segment_id, '
            ~ 'cast(null as bigint) as n_known, cast(null as bigint) as n_larger, cast(null as boolean) as are_two where false'
        ) }}
    {%- endif -%}
    select
        segment_id,
        unnest([
            {%- for measure in measures %}
            {%- set n = loop.index0 %}
            {
                'feature': md5({{ mallard._literal(measure.name) }}),
                'of_column': md5({{ mallard._literal(measure.column) }}),
                'n_known': n_known_{{ n }},
                'n_larger': n_larger_{{ n }},
                'are_two': are_two_{{ n }}
            }{{ ',' if not loop.last }}
            {%- endfor %}
        ], recursive := true)
    from (
        select
            segment_id,
            {%- for measure in measures %}
            {%- set n, value = loop.index0, '(' ~ measure.expression ~ ')' %}
            count({{ value }}) as n_known_{{ n }},
            count(*) filter ({{ value }} > lowest_{{ n }}) as n_larger_{{ n }},
            coalesce(bool_and({{ value }} = lowest_{{ n }} or {{ value }} = highest_{{ n }}), true) as are_two_{{ n }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ customers }}
        cross join (
            select
                {%- for measure in measures %}
                min({{ measure.expression }}) as lowest_{{ loop.index0 }},
                max({{ measure.expression }}) as highest_{{ loop.index0 }}{{ ',' if not loop.last }}
                {%- endfor %}
            from {{ customers }}
            where segment_id is not null
        )
        where segment_id is not null
        group by segment_id
    )
{%- endmacro %}

{# The features of two values, of which one is of few customers in some segment, or in those that are hidden together: the mean counts them.
   The categories of a column are parts of a whole, and so are those who have none of these. #}
{% macro _few_of_two_values(counts, fewest) -%}
    {%- set cells -%}
        with mallard__two as (

            select
                *,
                case when segment_id in (select segment_id from mallard__few_segments) then 0 else segment_id end as cell_group
            from {{ counts }}
            where feature in (select feature from {{ counts }} group by feature having bool_and(are_two))

        )

        select of_column as whole, feature as part, cell_group, n_larger as n from mallard__two
        union all
        select of_column, null, any_value(cell_group), max(n_known) - sum(n_larger) from mallard__two
        group by of_column, segment_id
    {%- endset -%}
    select part as feature from ({{ mallard._parts_to_hide(cells, fewest) }})
    where part is not null
{%- endmacro %}
