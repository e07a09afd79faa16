{% macro centroid_table(centroids, statistics) -%}
    {{ return(adapter.dispatch('centroid_table', 'mallard')(centroids, statistics)) }}
{%- endmacro %}

{% macro default__centroid_table(centroids, statistics) -%}
    {%- if not centroids.segments or not statistics.features -%}
        {{ mallard._empty_table('centroids') }}
    {%- endif -%}
    {%- set has_position = not mallard._metric(centroids.metric).spherical -%}
    {%- for segment in centroids.segments -%}
        {%- set last_segment = loop.last -%}
        {%- for of in statistics.features -%}
            {%- set scaled = mallard._double(segment.centroid[of.name]) -%}
            {%- set value = scaled ~ ' / ' ~ mallard._double(of.weight) ~ ' * ' ~ mallard._double(of.spread) ~ ' + ' ~ mallard._double(of.center) %}
    select
        cast({{ segment.segment_id }} as integer) as segment_id,
        {{ mallard._literal(segment.segment_name) }} as segment_name,
        {{ mallard._literal(of.name) }} as feature,
        {{ mallard._scale_of(of).inverse | replace('{}', value) if has_position else mallard._double(none) }} as centroid,
        {{ scaled }} as scaled_centroid,
        {{ mallard._literal(mallard._scaled(of)) }} as scaled_expression
            {%- if not (loop.last and last_segment) %}
    union all
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
