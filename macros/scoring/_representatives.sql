{# The ids of the three customers nearest to the centroid of their segment, as an aggregate of the customers of a segment. `id` has the
   column and its SQL as text; it is none if ids aren't published. #}
{% macro _representatives(id) -%}
    {%- if not id -%}
    cast(null as varchar[])
    {%- else -%}
    min_by({{ id.text }}, row(distance_to_centroid, {{ mallard._quoted(id.column) }}), 3)
    {%- endif -%}
{%- endmacro %}

{# Name segments after the customer nearest to their centroid, if no number tells them apart: positions of a vector have no names. Without
   ids, they are numbered. #}
{% macro _name_by_representatives(centroids, scored, id) -%}
    {%- set nameless = centroids.segments | selectattr('segment_name', 'none') | list -%}
    {%- if nameless -%}
        {%- set query -%}
            select segment_id as "segment_id", {{ mallard._representatives(id) }}[1] || '_' as "representative"
            from ({{ scored }})
            where segment_id is not null
            group by segment_id
        {%- endset -%}
        {%- set names = {} -%}
        {%- for row in mallard._query(query) if row['representative'] is not none -%}
            {%- do names.update({row['segment_id'] | int: 'like ' ~ mallard._digits(row['representative'])}) -%}
        {%- endfor -%}
        {%- for segment in nameless -%}
            {%- do segment.update(segment_name=names.get(segment.segment_id, 'segment ' ~ segment.segment_id)) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
