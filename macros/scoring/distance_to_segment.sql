{% macro distance_to_segment(segment_id, centroids) -%}
    {{ return(mallard._sql(adapter.dispatch('distance_to_segment', 'mallard')(segment_id, centroids))) }}
{%- endmacro %}

{% macro default__distance_to_segment(segment_id, centroids) -%}
    {%- if not centroids.segments -%}
    cast(null as double)
    {%- else -%}
    {%- set squared -%}
    case {{ segment_id }}
        {%- for segment in centroids.segments -%}
        {%- set id = segment.segment_id %} when {{ id }} then squared_distance_{{ id }}
        {%- endfor %} end
    {%- endset -%}
    {{ mallard._metric(centroids.metric).distance | replace('{}', squared) }}
    {%- endif -%}
{%- endmacro %}
