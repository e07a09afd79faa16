{% macro centroid_table(centroids, statistics) -%}
    {{ return(adapter.dispatch('centroid_table', 'mallard')(centroids, statistics)) }}
{%- endmacro %}

{# A list of rows, because a union of as many selects takes DuckDB much longer. #}
{% macro default__centroid_table(centroids, statistics) -%}
    {%- if not centroids.segments or not statistics.features -%}
        {{ return(mallard._empty_table('centroids')) }}
    {%- endif -%}
    {%- set has_position = not mallard._metric(centroids.metric).spherical -%}
    {%- set features = [] -%}
    {%- for of in statistics.features -%}
        {%- set weight, spread, center = mallard._double(of.weight), mallard._double(of.spread), mallard._double(of.center) -%}
        {%- set unscaled = '{} / ' ~ weight ~ ' * ' ~ spread ~ ' + ' ~ center -%}
        {%- do features.append({
            'name': of.name,
            'literal': mallard._literal(of.name),
            'centroid': mallard._scale_of(of).inverse | replace('{}', unscaled) if has_position else mallard._double(none),
            'scaled': mallard._literal(mallard._scaled(of)),
        }) -%}
    {%- endfor -%}
    select
        unnest([
            {%- for segment in centroids.segments %}
            {%- set last_segment = loop.last %}
            {%- set name = mallard._literal(segment.segment_name) %}
            {%- for of in features %}
            {%- set scaled = "cast('" ~ segment.centroid[of.name] ~ "' as double)" %}
            {
                'segment_id': cast({{ segment.segment_id }} as integer),
                'segment_name': {{ name }},
                'feature': {{ of.literal }},
                'centroid': {{ of.centroid | replace('{}', scaled) }},
                'scaled_centroid': {{ scaled }},
                'scaled_expression': {{ of.scaled }}
            }{{ ',' if not (loop.last and last_segment) }}
            {%- endfor %}
            {%- endfor %}
        ], recursive := true)
{%- endmacro %}
