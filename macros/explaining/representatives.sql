{% macro representatives(segmentation, n=5, group=none) -%}
    {{ return(mallard._sql(adapter.dispatch('representatives', 'mallard')(segmentation, n, group))) }}
{%- endmacro %}

{# Of customers at the same distance, the first in the order of their ids as texts. #}
{% macro default__representatives(segmentation, n=5, group=none) -%}
    {%- do mallard._check_number_of_rows('n', n) -%}
    {%- set stored = mallard.stored_version(segmentation) -%}
    {%- set id = mallard._quoted(mallard._id_of(segmentation, stored)) -%}
    {%- if stored is none -%}
        {{ return(mallard._no_answers(segmentation, id, mallard._columns_of_a_representative())) }}
    {%- endif -%}
    {%- do mallard._check_group(segmentation, stored, group) -%}
    {%- set of_group = '"group",' if stored.groups else '' -%}
    with mallard__ranked as (

        select
            {{ of_group }}
            {{ id }},
            segment_id,
            segment_name,
            distance_to_centroid,
            row_number() over (
                partition by {{ of_group }} segment_id order by distance_to_centroid asc, {{ mallard._exact_text(id) }} asc
            ) as mallard__place
        from {{ segmentation }}
        where segment_id is not null {{- ' and ' ~ mallard._is_of_group(group | string) if group is not none }}
        qualify mallard__place <= {{ n }}

    )

    select
        {{ of_group }}
        {{ id }},
        segment_id as "segment_id",
        segment_name as "segment_name",
        distance_to_centroid as "distance_to_centroid",
        cast(mallard__place as integer) as "place"
    from mallard__ranked
    order by {{ '"group" asc, ' if stored.groups }}segment_id asc, mallard__place asc
{%- endmacro %}

{% macro _columns_of_a_representative() -%}
    {{ return({
        'segment_id': ['integer', 'The segment.'],
        'segment_name': ['varchar', 'Its name.'],
        'distance_to_centroid': ['double', 'The distance to its centroid.'],
        'place': ['integer', 'Place by that distance, from 1.'],
    }) }}
{%- endmacro %}
