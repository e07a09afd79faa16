{% macro lookalikes(segmentation, segment_id, n=100, group=none) -%}
    {{ return(mallard._sql(adapter.dispatch('lookalikes', 'mallard')(segmentation, segment_id, n, group))) }}
{%- endmacro %}

{# Who has no segment, because every centroid is too far, is no member either. Of customers at the same distance, the first in the order of
   their ids as texts. #}
{% macro default__lookalikes(segmentation, segment_id, n=100, group=none) -%}
    {%- do mallard._check_number_of_rows('n', n) -%}
    {%- set stored = mallard.stored_version(segmentation) -%}
    {%- set id = mallard._quoted(mallard._id_of(segmentation, stored)) -%}
    {%- if stored is none -%}
        {{ return(mallard._no_answers(segmentation, id, mallard._columns_of_a_lookalike())) }}
    {%- endif -%}
    {%- set part = mallard._named_part(segmentation, stored, group, 'mallard.lookalikes') -%}
    {%- set stored = part.stored -%}
    {%- do mallard._check_segment('segment_id', segment_id, segmentation, part) -%}
    {%- set wanted = stored.segments | selectattr('segment_id', 'eq', segment_id) | list -%}
    {%- set centroids = mallard._stored_centroids(dict(stored, segments=wanted)) -%}
    {%- set squared = 'squared_distance_' ~ segment_id -%}
    {%- set order = squared ~ ' asc, ' ~ mallard._exact_text(id) ~ ' asc' -%}
    with mallard__others as (

        {{ mallard._distances_by(part, centroids, id) }}
        where mallard__is_used and segment_id is distinct from {{ segment_id }}

    ),

    mallard__nearest as (

        select * from mallard__others
        where {{ squared }} is not null
        order by {{ order }}
        limit {{ n }}

    )

    select
        {{ mallard._group_of_part(part) }}
        {{ id }},
        cast(segment_id as integer) as "segment_id",
        {{ mallard.default__segment_name('segment_id', mallard._stored_centroids(stored)) }} as "segment_name",
        {{ mallard._metric(stored.metric).distance | replace('{}', squared) }} as "distance",
        cast(row_number() over (order by {{ order }}) as integer) as "place"
    from mallard__nearest
    order by "place" asc
{%- endmacro %}

{# Stop unless a segment is one of a part. #}
{% macro _check_segment(argument, segment_id, segmentation, part) -%}
    {%- set ids = part.stored.segments | map(attribute='segment_id') | list -%}
    {%- if segment_id is not integer or segment_id not in ids -%}
        {%- set of = ('group ' ~ part.group ~ ' of ' if part.group is not none else '') ~ segmentation.identifier -%}
        {%- do mallard._refuse(argument, segment_id, of ~ ' has no such segment; choose from ' ~ ids | join(', ')) -%}
    {%- endif -%}
{%- endmacro %}

{% macro _columns_of_a_lookalike() -%}
    {{ return({
        'segment_id': ['integer', 'The segment of the customer. Null without one.'],
        'segment_name': ['varchar', 'Its name.'],
        'distance': ['double', 'The distance to the centroid of the segment that is asked about.'],
        'place': ['integer', 'Place by that distance, from 1.'],
    }) }}
{%- endmacro %}
