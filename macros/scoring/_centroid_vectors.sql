{# One row with the vectors of all centroids, a column for each, so that no text grows with their size. #}
{% macro _centroid_vectors(centroids) -%}
    select
        {%- for feature, vector in centroids.vectors.items() %}
        {%- set vector_sql = mallard._vector_of(vector) %}
        {%- set last_feature = loop.last %}
        {%- for segment in centroids.segments %}
        any_value({{ vector_sql }}) filter (segment_id = {{ segment.segment_id }}) as {{ mallard._vector_column(centroids, segment, feature) }}
        {{- ',' if not (loop.last and last_feature) }}
        {%- endfor %}
        {%- endfor %}
    from {{ centroids.relation }}
{%- endmacro %}

{# A vector among the coordinates of a centroid. #}
{% macro _vector_of(vector) -%}
    cast(centroid[{{ vector.place + 1 }}:{{ vector.place + vector.size }}] as double[{{ vector.size }}])
{%- endmacro %}

{% macro _vector_column(centroids, segment, feature) -%}
    mallard__vector_{{ segment.segment_id }}_{{ centroids.vectors[feature].place }}
{%- endmacro %}
