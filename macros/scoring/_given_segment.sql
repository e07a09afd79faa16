{# What gives a customer a segment, as SQL: rules, if `centroids` have some, or else the nearest centroid. Rules are of the columns of the
   select, which scaled customers still have. #}
{% macro _given_segment(centroids) -%}
    {%- if centroids.get('rules') -%}
        {{ return(mallard._case_of_rules(centroids.rules, 'segment_id')) }}
    {%- endif -%}
    {{ return(mallard.default__nearest_segment(centroids)) }}
{%- endmacro %}

{# How much nearer the own centroid is than the nearest other one. Rules can give a segment whose centroid is the farther of the two: then
   it is how much farther, below 0. #}
{% macro _confidence(centroids) -%}
    {%- set confidence = 'coalesce(1 - distance_to_centroid / nullif(distance_to_second_centroid, 0), 1)' -%}
    {%- if not centroids.get('rules') -%}
        {{ return(confidence) }}
    {%- endif -%}
    {{ return(
        'case when distance_to_centroid > distance_to_second_centroid then distance_to_second_centroid / distance_to_centroid - 1 else '
        ~ confidence ~ ' end'
    ) }}
{%- endmacro %}
