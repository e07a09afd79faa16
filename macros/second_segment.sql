{% macro second_segment(centroids) -%}
    {{ return(adapter.dispatch('second_segment', 'mallard')(centroids)) }}
{%- endmacro %}

{% macro default__second_segment(centroids) -%}
    {%- set segment_ids = centroids | map(attribute='segment_id') | list -%}
    {%- if segment_ids | length < 2 -%}
        null
    {%- else -%}
        case segment_id
            {%- for id in segment_ids %}
            when {{ id }} then {{ mallard._nearest_of(segment_ids | reject('equalto', id) | list) }}
            {%- endfor %}
        end
    {%- endif -%}
{%- endmacro %}
