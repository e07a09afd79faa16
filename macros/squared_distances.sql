{% macro squared_distances(centroids, prefix='scaled_') -%}
    {{ return(adapter.dispatch('squared_distances', 'mallard')(centroids, prefix)) }}
{%- endmacro %}

{# In brackets of 32 terms: DuckDB refuses expressions that are a thousand deep. #}
{% macro default__squared_distances(centroids, prefix) -%}
    {%- for segment in centroids %}
        {%- for terms in segment.centroid.items() | batch(32) -%}
        {{ '(' if segment.centroid | length > 32 }}
        {%- for feature, coordinate in terms -%}
        {%- set difference = '(' ~ mallard._quoted(prefix ~ feature) ~ ' - ' ~ mallard._double(coordinate) ~ ')' -%}
        {{ difference }} * {{ difference }}{{ ' + ' if not loop.last }}
        {%- endfor -%}
        {{ ')' if segment.centroid | length > 32 }}{{ ' + ' if not loop.last }}
        {%- endfor %} as squared_distance_{{ segment.segment_id }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
