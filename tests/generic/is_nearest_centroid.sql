{# Checks that segment_id is the segment with the nearest centroid (on a tie, the lowest id), and that distance_to_centroid is right. Fails
   with one row per customer for whom that isn't so. The distances are computed from the scaled features, independently of the scoring
   macros, and may differ by 1e-9 * (1 + distance of the customer from the origin). A segmentation needs only `id_column`. Your own model
   also needs `features_from`, `features` and `segments`. With assignment: rules, it is refused: `rules_agree` with minimum 1 checks these. #}
{% test is_nearest_centroid(model, id_column, features_from=none, features=none, segments=none, prefix='scaled_') %}

{% if model is string and not features_from %}
    {% do exceptions.raise_compiler_error("mallard: is_nearest_centroid doesn't support where on a segmentation: remove it, or set features_from, features and segments.") %}
{% endif %}
{% do mallard._check_has_no_groups(model, 'the test is_nearest_centroid', 'remove the test') if not features_from %}
{% set points = [] %}
{% if features_from %}
    {% for feature in features %}{% do points.append('[' ~ mallard._quoted(prefix ~ feature) ~ ']') %}{% endfor %}
{% elif mallard._is_built(mallard._beside(model, 'centroids'), 'the centroids') %}
    {% set remedy = 'test that with mallard.rules_agree, minimum: 1' %}
    {% do mallard._check_is_not_by_rules(model, mallard._load_version(model), 'the test is_nearest_centroid', remedy) %}
    {% set query %}
        select
            any_value(feature) as "feature",
            any_value(scaled_expression) as "expression",
            bool_or(scaled_centroid_vector is not null) as "is_vector"
        from {{ mallard.centroids(model) }}
        group by feature collate posix
        order by feature collate posix asc
    {% endset %}
    {% for row in mallard._query(query) %}
        {% do points.append('cast(' ~ row['expression'] ~ ' as double[])' if row['is_vector'] else '[' ~ row['expression'] ~ ']') %}
    {% endfor %}
{% endif %}
{% set metric_of = segments or mallard.metrics(model) %}
{% set is_built = mallard._is_built(segments or mallard._beside(model, 'metrics'), 'the metric') %}
{% set metric = run_query('select any_value(metric) from ' ~ metric_of)[0][0] if is_built %}
{% set id = mallard._sql(mallard._exact_text(mallard._quoted(id_column))) %}
{% if metric == 'cosine' %}
    {% set lengths = 'sqrt(list_dot_product(customers.point, customers.point) * list_dot_product(segments.centroid, segments.centroid))' %}
    {% set distance = '1 - list_dot_product(customers.point, segments.centroid) / ' ~ lengths %}
{% else %}
    {% set distance = 'list_distance(customers.point, segments.centroid)' %}
{% endif %}

with scaled as (

    select
        {{ id }} as id,
        {{ mallard._sql('flatten([' ~ points | join(', ') ~ '])') }} as point
    from {{ features_from or model }}
    {% if not features_from %}where segment_id is not null{% endif %}

),

customers as (

    {% if metric == 'cosine' -%}
    select id, {{ mallard._sql('[round(x / sqrt(list_dot_product(point, point)), 12) for x in point]') }} as point from scaled
    {%- else -%}
    select id, point from scaled
    {%- endif %}

),

segments as (

    {% if features_from -%}
    select segment_id, centroid from {{ segments }}
    {%- else -%}
    {%- set query %}
        select
            segment_id,
            flatten(list(coalesce(scaled_centroid_vector, [scaled_centroid]) order by feature collate posix asc)) as centroid
        from {{ mallard.centroids(model) }}
        group by segment_id
    {%- endset %}
    {{- mallard._sql(query) }}
    {%- endif %}

),

distances as (

    select
        customers.id,
        segments.segment_id,
        {{ mallard._sql(distance) }} as distance,
        {{ mallard._sql('1e-9 * (1 + sqrt(list_dot_product(customers.point, customers.point)))') }} as tolerance
    from customers
    cross join segments

),

nearest as (

    select
        id,
        min(distance) as distance,
        any_value(tolerance) as tolerance,
        {{ mallard._sql('arg_min(segment_id, row(distance, segment_id))') }} as segment_id
    from distances
    group by id

)

select
    assigned.id,
    assigned.segment_id,
    assigned.distance_to_centroid,
    nearest.segment_id as nearest_segment_id,
    nearest.distance as nearest_distance
from (
    select
        {{ id }} as id,
        segment_id,
        distance_to_centroid
    from {{ model }}
    {% if not features_from %}where segment_id is not null or assignment_status <> 'excluded'{% endif %}
) as assigned
left join nearest on assigned.id = nearest.id
left join distances
    on assigned.id = distances.id and assigned.segment_id = distances.segment_id
where
    distances.distance is null
    or distances.distance > nearest.distance + nearest.tolerance
    or (distances.distance = nearest.distance and assigned.segment_id > nearest.segment_id)
    or assigned.distance_to_centroid is null
    or abs(assigned.distance_to_centroid - nearest.distance) > nearest.tolerance

{% endtest %}
