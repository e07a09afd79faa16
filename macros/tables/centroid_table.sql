{% macro centroid_table(centroids, statistics) -%}
    {{ return(mallard._sql(adapter.dispatch('centroid_table', 'mallard')(centroids, statistics))) }}
{%- endmacro %}

{% macro default__centroid_table(centroids, statistics) -%}
    {%- if not centroids.segments or not statistics.features -%}
        {{ return(mallard._empty_table('centroids', without=['version', 'rule_name'])) }}
    {%- endif -%}
    {%- set numbers = statistics.features | rejectattr('size') | list -%}
    {%- set queries = [] -%}
    {%- if numbers -%}{%- do queries.append(mallard._centroids_of_numbers(centroids, numbers)) -%}{%- endif -%}
    {%- for vector in statistics.features | selectattr('size') -%}
        {%- do queries.append(mallard._centroids_of_vector(centroids, vector)) -%}
    {%- endfor -%}
    select * from ({{ queries | join(' union all ') }})
    order by segment_id asc
{%- endmacro %}

{# A list of rows, because a union of as many selects takes DuckDB much longer. #}
{% macro _centroids_of_numbers(centroids, numbers) -%}
    {%- set features = [] -%}
    {%- for of in numbers -%}
        {%- do features.append({
            'name': of.name,
            'literal': mallard._literal(of.name),
            'scale': mallard._literal(of.scale),
            'unit': mallard._double(of.unit),
            'centroid': mallard._unscaled(of, centroids),
            'scaled': mallard._literal(mallard._scaled(of)),
        }) -%}
    {%- endfor -%}
    select
        unnest([
            {%- for segment in centroids.segments %}
            {%- set last_segment = loop.last %}
            {%- set name = mallard._literal(segment.segment_name) %}
            {%- for of in features %}
            {%- set scaled = mallard._double(segment.centroid[of.name]) %}
            {
                'segment_id': cast({{ segment.segment_id }} as integer),
                'segment_name': {{ name }},
                'feature': {{ of.literal }},
                'scale': {{ of.scale }},
                'unit': {{ of.unit }},
                'centroid': {{ of.centroid | replace('{}', scaled) }},
                'scaled_centroid': {{ scaled }},
                'centroid_vector': cast(null as double[]),
                'scaled_centroid_vector': cast(null as double[]),
                'scaled_expression': {{ of.scaled }}
            }{{ ',' if not (loop.last and last_segment) }}
            {%- endfor %}
            {%- endfor %}
        ], recursive := true)
{%- endmacro %}

{% macro _centroids_of_vector(centroids, vector) -%}
    {%- set names -%}
        case segment_id
            {%- for segment in centroids.segments %} when {{ segment.segment_id }} then {{ mallard._literal(segment.segment_name) }}{% endfor %}
        end
    {%- endset -%}
    select
        segment_id,
        {{ names }} as segment_name,
        {{ mallard._literal(vector.name) }} as feature,
        {{ mallard._literal(vector.scale) }} as scale,
        cast(null as double) as unit,
        cast(null as double) as centroid,
        cast(null as double) as scaled_centroid,
        {{ mallard._unscaled_vector(vector, centroids) }} as centroid_vector,
        cast({{ mallard._vector_of(centroids.vectors[vector.name]) }} as double[]) as scaled_centroid_vector,
        {{ mallard._literal(mallard._scaled(vector)) }} as scaled_expression
    from {{ centroids.relation }}
{%- endmacro %}
