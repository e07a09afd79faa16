{# Every row's segment_id is the segment with the nearest centroid, the lowest id at a tie, and distance_to_centroid is that distance.
   Computed afresh from the scaled features, not as the scoring macros do. Fails with one row per customer that is elsewhere.
   A segmentation knows its features, centroids and metric; for a model of one's own say where they are. Distances may differ by 1e-9 of how
   far the customer is from the origin, and 1e-9. #}
{% test is_nearest_centroid(model, id_column, features_from=none, features=none, segments=none, prefix='scaled_') %}

{% if model is string and not features_from %}
    {% do exceptions.raise_compiler_error("mallard: is_nearest_centroid takes no where on a segmentation: name features_from, features and segments, or leave it out.") %}
{% endif %}
{% set points = [] %}
{% if features_from %}
    {% for feature in features %}{% do points.append(mallard._quoted(prefix ~ feature)) %}{% endfor %}
{% elif mallard._is_built(mallard.centroids(model), 'the centroids') %}
    {% for row in run_query('select distinct feature, scaled_expression from ' ~ mallard.centroids(model) ~ ' order by feature') %}
        {% do points.append(row['scaled_expression']) %}
    {% endfor %}
{% endif %}
{% set metric_of = segments or mallard.metrics(model) %}
{% set metric = run_query('select any_value(metric) from ' ~ metric_of)[0][0] if mallard._is_built(metric_of, 'the metric') %}
{% set id = mallard._quoted(id_column) %}

with scaled as (

    select
        {{ id }} as id,
        [{{ points | join(', ') }}] as point
    from {{ features_from or model }}
    {% if not features_from %}where segment_id is not null{% endif %}

),

customers as (

    {% if metric == 'cosine' -%}
    select id, [round(x / sqrt(list_dot_product(point, point)), 12) for x in point] as point from scaled
    {%- else -%}
    select id, point from scaled
    {%- endif %}

),

segments as (

    {% if features_from -%}
    select segment_id, centroid from {{ segments }}
    {%- else -%}
    select segment_id, list(scaled_centroid order by feature) as centroid
    from {{ mallard.centroids(model) }}
    group by segment_id
    {%- endif %}

),

distances as (

    select
        customers.id,
        segments.segment_id,
        {% if metric == 'cosine' -%}
        1 - list_cosine_similarity(customers.point, segments.centroid) as distance,
        {%- else -%}
        list_distance(customers.point, segments.centroid) as distance,
        {%- endif %}
        1e-9 * (1 + sqrt(list_dot_product(customers.point, customers.point))) as tolerance
    from customers
    cross join segments

),

nearest as (

    select
        id,
        min(distance) as distance,
        any_value(tolerance) as tolerance,
        arg_min(segment_id, row(distance, segment_id)) as segment_id
    from distances
    group by id

)

select
    assigned.{{ id }},
    assigned.segment_id,
    assigned.distance_to_centroid,
    nearest.segment_id as nearest_segment_id,
    nearest.distance as nearest_distance
from (
    select * from {{ model }}
    {% if not features_from %}where segment_id is not null or assignment_status <> 'excluded'{% endif %}
) as assigned
left join nearest on assigned.{{ id }} = nearest.id
left join distances
    on assigned.{{ id }} = distances.id and assigned.segment_id = distances.segment_id
where
    distances.distance is null
    or distances.distance > nearest.distance + nearest.tolerance
    or (distances.distance = nearest.distance and assigned.segment_id > nearest.segment_id)
    or assigned.distance_to_centroid is null
    or abs(assigned.distance_to_centroid - nearest.distance) > nearest.tolerance

{% endtest %}
