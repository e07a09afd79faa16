{% macro centroid_table(centroids, statistics, metric='euclidean') -%}
    {{ return(adapter.dispatch('centroid_table', 'mallard')(centroids, statistics, metric)) }}
{%- endmacro %}

{# A direction has no length, so it is nowhere in the units of the features. #}
{% macro default__centroid_table(centroids, statistics, metric) -%}
    {%- for segment in centroids -%}
        {%- set last_segment = loop.last -%}
        {%- for of in statistics -%}
            {%- set scaled = mallard._double(segment.centroid[of.name]) -%}
            {%- set value = scaled ~ ' / ' ~ mallard._double(of.weight) ~ ' * ' ~ mallard._double(of.spread) ~ ' + ' ~ mallard._double(of.center) %}
    select
        cast({{ segment.segment_id }} as integer) as segment_id,
        {{ mallard._literal(segment.segment_name) }} as segment_name,
        {{ mallard._literal(of.name) }} as feature,
        {{ mallard._double(none) if metric == 'cosine' else 'exp(' ~ value ~ ') - 1' if of.scale == 'log1p+standard' else value }} as centroid,
        {{ scaled }} as scaled_centroid,
        {{ mallard._literal(mallard._scaled(of)) }} as scaled_expression
            {%- if not (loop.last and last_segment) %}
    union all
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
