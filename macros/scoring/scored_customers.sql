{% macro scored_customers(customers, centroids, prefix='scaled_', is_used='true') -%}
    {{ return(mallard._sql(adapter.dispatch('scored_customers', 'mallard')(customers, centroids, prefix, is_used))) }}
{%- endmacro %}

{# Neither a sort nor a join, except with the one row of the centroids' vectors: customers stream through. #}
{% macro default__scored_customers(customers, centroids, prefix='scaled_', is_used='true') -%}
    {%- set features = centroids.segments[0].centroid if centroids.segments else [] -%}
    {%- set outliers = centroids.get('outliers') if centroids.segments else none -%}
    {%- set is_used = mallard._is_within_limit(is_used, centroids) -%}
    with measured as (

        select
            *{{ ',' if centroids.segments }}
            {{ mallard.default__squared_distances(centroids, prefix) }}
        from {{ customers }}
        {%- if centroids.vectors %}
        cross join ({{ mallard._centroid_vectors(centroids) }})
        {%- endif %}

    ),

    {%- if outliers %}

    normalized as (

        select
            *,
            {{ mallard._normalized_distance(centroids) }} as mallard__normalized_distance
        from measured

    ),
    {%- endif %}

    given as (

        select
            *,
            case when {{ is_used }} then {{ mallard._given_segment(centroids) }} end as segment_id
        from {{ 'normalized' if outliers else 'measured' }}

    ),

    second as (

        select
            *,
            case when {{ is_used }} then {{ mallard.default__second_segment(centroids) }} end as second_segment_id
        from given

    ),

    distances as (

        select
            *,
            {{ mallard.default__distance_to_segment('segment_id', centroids) }} as distance_to_centroid,
            {{ mallard.default__distance_to_segment('second_segment_id', centroids) }} as distance_to_second_centroid
        from second

    )

    select
        * exclude (
            segment_id, distance_to_centroid, second_segment_id, distance_to_second_centroid
            {%- if outliers %}, mallard__normalized_distance{% endif %}
            {%- for segment in centroids.segments %}, squared_distance_{{ segment.segment_id }}{% endfor %}
            {%- for feature in features %}, {{ mallard._quoted(prefix ~ feature) }}{% endfor %}
            {%- for feature in centroids.vectors or {} %}
            {%- for segment in centroids.segments %}, {{ mallard._vector_column(centroids, segment, feature) }}{% endfor %}
            {%- endfor %}
        ),
        cast(segment_id as integer) as "segment_id",
        {{ mallard.default__segment_name('segment_id', centroids) }} as "segment_name",
        distance_to_centroid as "distance_to_centroid",
        cast(second_segment_id as integer) as "second_segment_id",
        distance_to_second_centroid as "distance_to_second_centroid",
        case when {{ is_used }} then {{ mallard._confidence(centroids) }} end as "confidence"
        {%- if outliers and outliers.is_shown %},
        mallard__normalized_distance as "normalized_distance"
        {%- endif %}
        {%- if outliers and outliers.has_anomalies %},
        case when {{ is_used }} then coalesce(mallard__normalized_distance >= {{ mallard._double(outliers.anomalous_from) }}, false) end as "is_anomaly"
        {%- endif %}
    from distances
{%- endmacro %}
