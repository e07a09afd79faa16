{# Checks that segment_id is the segment with the nearest centroid (on a tie, the lowest id), and that distance_to_centroid is right. Fails
   with one row per customer for whom that isn't so. The distances are computed from the scaled features, independently of the scoring
   macros, and may differ by 1e-9 * (1 + distance of the customer from the origin). A segmentation needs only `id_column`. Your own model
   also needs `features_from`, `features` and `segments`. With assignment: rules, it is refused: `rules_agree` with minimum 1 checks these. #}
{% test is_nearest_centroid(model, id_column, features_from=none, features=none, segments=none, prefix='scaled_') %}

{% if model is string and not features_from %}
    {% do exceptions.raise_compiler_error("mallard: is_nearest_centroid doesn't support where on a segmentation: remove it, or set features_from, features and segments.") %}
{% endif %}
{% set has_groups = not features_from and mallard._has_groups(mallard.versions(model)) %}
{% set group = '"group"' if has_groups else 'null' %}
{% set points = {} %}
{% if features_from %}
    {% for feature in features %}{% do points.setdefault(none, []).append('[' ~ mallard._quoted(prefix ~ feature) ~ ']') %}{% endfor %}
{% elif mallard._is_built(mallard._beside(model, 'centroids'), 'the centroids') %}
    {% set remedy = 'test that with mallard.rules_agree, minimum: 1' %}
    {% set found = mallard._load_versions(model, has_groups=has_groups) if load_relation(mallard.versions(model)) else [] %}
    {% for stored in found %}
        {% do mallard._check_is_not_by_rules(model, stored, 'the test is_nearest_centroid', remedy) %}
    {% endfor %}
    {% set query %}
        select
            any_value({{ mallard._digits_of(group) }}) as "group_name",
            any_value(scaled_expression) as "expression",
            bool_or(scaled_centroid_vector is not null) as "is_vector"
        from {{ mallard.centroids(model) }}
        group by {{ group ~ ', ' if has_groups }}feature collate posix
        order by feature collate posix asc
    {% endset %}
    {% for row in mallard._query(query) %}
        {% set point = 'cast(' ~ row['expression'] ~ ' as double[])' if row['is_vector'] else '[' ~ row['expression'] ~ ']' %}
        {% do points.setdefault(mallard._digits(row['group_name']), []).append(point) %}
    {% endfor %}
{% endif %}
{% set point %}
    {% if has_groups and points -%}
    case
        {%- for name, of_group in points.items() %}
        when {{ mallard._is_of_group(name) }} then flatten([{{ of_group | join(', ') }}])
        {%- endfor %}
    end
    {%- else -%}
    flatten([{{ points.get(none, []) | join(', ') }}])
    {%- endif %}
{% endset %}
{% set metric_of = segments or mallard.metrics(model) %}
{% set is_built = mallard._is_built(segments or mallard._beside(model, 'metrics'), 'the metric') %}
{% set of_groups = 'where ' ~ mallard._sql(group) ~ ' in (select ' ~ mallard._sql(group) ~ ' from ' ~ model ~ ')' if has_groups else '' %}
{% set metrics = run_query('select distinct metric from ' ~ metric_of ~ ' as metrics ' ~ of_groups).columns[0].values() if is_built else [] %}
{% if metrics | length > 1 %}
    {% do exceptions.raise_compiler_error('mallard: is_nearest_centroid: the segments are by the metrics ' ~ metrics | join(' and ') ~ ': build with --full-refresh, so that it is one.') %}
{% endif %}
{% set metric = metrics | first %}
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
        {{ mallard._sql(group) }} as group_name,
        {{ mallard._sql(point) }} as point
    from {{ features_from or model }}
    {% if not features_from %}where segment_id is not null{% endif %}

),

customers as (

    {% if metric == 'cosine' -%}
    select id, group_name, {{ mallard._sql('[round(x / sqrt(list_dot_product(point, point)), 12) for x in point]') }} as point from scaled
    {%- else -%}
    select id, group_name, point from scaled
    {%- endif %}

),

segments as (

    {% if features_from -%}
    select segment_id, null as group_name, centroid from {{ segments }}
    {%- else -%}
    {%- set query %}
        select
            segment_id,
            {{ group }} as group_name,
            flatten(list(coalesce(scaled_centroid_vector, [scaled_centroid]) order by feature collate posix asc)) as centroid
        from {{ mallard.centroids(model) }}
        group by segment_id{{ ', ' ~ group if has_groups }}
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
    {{ 'inner join segments on customers.group_name = segments.group_name' if has_groups else 'cross join segments' }}

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
