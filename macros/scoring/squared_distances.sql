{% macro squared_distances(centroids, prefix='scaled_') -%}
    {{ return(mallard._sql(adapter.dispatch('squared_distances', 'mallard')(centroids, prefix))) }}
{%- endmacro %}

{% macro default__squared_distances(centroids, prefix='scaled_') -%}
    {%- for segment in centroids.segments -%}
        {%- set squares = [] -%}
        {%- for feature, coordinate in segment.centroid.items() -%}
            {%- if feature in (centroids.vectors or {}) -%}
                {%- set vector = mallard._vector_column(centroids, segment, feature) -%}
                {%- do squares.append('pow(array_distance(' ~ mallard._quoted(prefix ~ feature) ~ ', ' ~ vector ~ '), 2)') -%}
            {%- else -%}
                {%- set difference = '(' ~ mallard._quoted(prefix ~ feature) ~ ' - ' ~ mallard._double(coordinate) ~ ')' -%}
                {%- do squares.append(difference ~ ' * ' ~ difference) -%}
            {%- endif -%}
        {%- endfor -%}
        {{ mallard._sum(squares) }} as squared_distance_{{ segment.segment_id }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
