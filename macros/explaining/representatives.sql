{% macro representatives(segmentation, n=5) -%}
    {{ return(mallard._sql(adapter.dispatch('representatives', 'mallard')(segmentation, n))) }}
{%- endmacro %}

{# Of customers at the same distance, the first in the order of their ids as texts. #}
{% macro default__representatives(segmentation, n=5) -%}
    {%- do mallard._check_number_of_rows('n', n) -%}
    {%- set stored = mallard._version_of_all(segmentation, 'mallard.representatives') -%}
    {%- set id = mallard._quoted(mallard._id_of(segmentation, stored)) -%}
    {%- if stored is none -%}
        {{ return(mallard._no_answers(segmentation, id, mallard._columns_of_a_representative())) }}
    {%- endif -%}
    with mallard__ranked as (

        select
            {{ id }},
            segment_id,
            segment_name,
            distance_to_centroid,
            row_number() over (
                partition by segment_id order by distance_to_centroid asc, {{ mallard._exact_text(id) }} asc
            ) as place
        from {{ segmentation }}
        where segment_id is not null
        qualify place <= {{ n }}

    )

    select
        {{ id }},
        segment_id as "segment_id",
        segment_name as "segment_name",
        distance_to_centroid as "distance_to_centroid",
        cast(place as integer) as "place"
    from mallard__ranked
    order by segment_id asc, place asc
{%- endmacro %}

{% macro _columns_of_a_representative() -%}
    {{ return({
        'segment_id': ['integer', 'The segment.'],
        'segment_name': ['varchar', 'Its name.'],
        'distance_to_centroid': ['double', 'The distance to its centroid.'],
        'place': ['integer', 'Place by that distance, from 1.'],
    }) }}
{%- endmacro %}
