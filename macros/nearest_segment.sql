{% macro nearest_segment(centroids) -%}
    {{ return(adapter.dispatch('nearest_segment', 'mallard')(centroids)) }}
{%- endmacro %}

{% macro default__nearest_segment(centroids) -%}
    {{ mallard._nearest_of(centroids | map(attribute='segment_id') | list) }}
{%- endmacro %}

{# The first of equally near segments wins: the one with the lowest id. #}
{% macro _nearest_of(segment_ids) -%}
    {%- if segment_ids | length == 1 -%}
        {{ segment_ids[0] }}
    {%- else -%}
        case least({% for id in segment_ids %}squared_distance_{{ id }}{{ ', ' if not loop.last }}{% endfor %})
            {%- for id in segment_ids %} when squared_distance_{{ id }} then {{ id }}{% endfor %} end
    {%- endif -%}
{%- endmacro %}
