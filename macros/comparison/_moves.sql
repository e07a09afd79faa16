{# One row per customer with a segment in two segmentations, with both, and with the segment of the second to which most customers of the
   same segment of the first belong: who is elsewhere has moved. Of two that are as large, the one with the smaller id counts. A segment is
   one of its group, which is '' where there are no groups, and the others are those of the same group in both: nobody moves to a group. #}
{% macro _moves(first, second, customer_id, one, other) -%}
    {%- set id = mallard._quoted(customer_id) -%}
    {%- set same = 'first_group, first_segment_id, second_group' -%}
    with mallard__both as (

        select
            mallard__first.{{ id }} as mallard__id,
            {{ mallard._exact_text('mallard__first.' ~ id) }} as mallard__exact_id,
            {{ mallard._group_or_none('mallard__first', one) }} as first_group,
            mallard__first.segment_id as first_segment_id,
            mallard__first.segment_name as first_segment_name,
            {{ mallard._group_or_none('mallard__second', other) }} as second_group,
            mallard__second.segment_id as second_segment_id,
            mallard__second.segment_name as second_segment_name
        from {{ first }} as mallard__first
        inner join {{ second }} as mallard__second
            on {{ mallard._exact_text('mallard__first.' ~ id) }} = {{ mallard._exact_text('mallard__second.' ~ id) }}
        where mallard__first.segment_id is not null and mallard__second.segment_id is not null

    ),

    mallard__usual as (

        select
            {{ same }},
            second_segment_id as usual_segment_id,
            any_value(second_segment_name) as usual_segment_name
        from mallard__both
        group by {{ same }}, second_segment_id
        qualify row_number() over (partition by {{ same }} order by count(*) desc, second_segment_id asc) = 1

    )

    select * from mallard__both
    inner join mallard__usual using ({{ same }})
{%- endmacro %}

{# The group of a row of a segmentation, by what `stored_version` gave, or of what is beside it; '' without groups. #}
{% macro _group_or_none(relation, stored) -%}
    {{ return(mallard._exact_text(relation ~ '."group"' if stored.groups else "''")) }}
{%- endmacro %}

{# Stop unless a column identifies the customers of both. #}
{% macro _check_both(first, second, customer_id) -%}
    {%- do mallard._check_names(first, {'customer_id': customer_id}) -%}
    {%- do mallard._check_names(second, {'customer_id': customer_id}) -%}
{%- endmacro %}
