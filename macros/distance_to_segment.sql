{% macro distance_to_segment(segment_id, centroids, metric='euclidean') -%}
    {{ return(adapter.dispatch('distance_to_segment', 'mallard')(segment_id, centroids, metric)) }}
{%- endmacro %}

{# Between vectors of length 1, 1 - cos is half the squared distance. #}
{% macro default__distance_to_segment(segment_id, centroids, metric) -%}
    {%- set squared -%}
    case {{ segment_id }}
        {%- for segment in centroids %} when {{ segment.segment_id }} then squared_distance_{{ segment.segment_id }}{% endfor %} end
    {%- endset -%}
    {{ squared ~ ' / 2' if metric == 'cosine' else 'sqrt(' ~ squared ~ ')' }}
{%- endmacro %}
