{% macro squared_distances(centroids, prefix='scaled_') -%}
    {{ return(adapter.dispatch('squared_distances', 'mallard')(centroids, prefix)) }}
{%- endmacro %}

{% macro default__squared_distances(centroids, prefix) -%}
    {%- for segment in centroids.segments -%}
        {%- set squares = [] -%}
        {%- for feature, coordinate in segment.centroid.items() -%}
            {%- set difference = '(' ~ mallard._quoted(prefix ~ feature) ~ ' - ' ~ mallard._double(coordinate) ~ ')' -%}
            {%- do squares.append(difference ~ ' * ' ~ difference) -%}
        {%- endfor -%}
        {{ mallard._sum(squares) }} as squared_distance_{{ segment.segment_id }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
