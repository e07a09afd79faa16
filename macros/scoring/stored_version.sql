{% macro stored_version(segmentation, version=none) -%}
    {{ return(adapter.dispatch('stored_version', 'mallard')(segmentation, version)) }}
{%- endmacro %}

{# Plain values, so that unit tests can override them. Numbers are texts that keep every digit. #}
{% macro default__stored_version(segmentation, version) -%}
    {%- if not execute or not mallard._has_versions(segmentation) -%}
        {{ return(none) }}
    {%- endif -%}
    {%- if version is not none and not (version | string).isdigit() -%}
        {%- set given = mallard._shortened(tojson(version)) -%}
        {%- do mallard._stop('version is ' ~ given ~ ': give the number of a version of ' ~ segmentation ~ '.') -%}
    {%- endif -%}
    {%- set stored = mallard._load_version(segmentation, version) -%}
    {%- if stored is none -%}
        {%- do mallard._stop_without_version(segmentation, version) if not flags.EMPTY -%}
        {{ return(none) }}
    {%- endif -%}
    {%- set kinds = fromjson(stored.matters).columns -%}
    {%- set plan, columns, features = stored.plan, {}, [] -%}
    {%- for column in plan.columns -%} {%- do columns.update({column: kinds[column]}) -%} {%- endfor -%}
    {%- for of in stored.statistics.features -%}
        {%- do features.append({
            'name': of.name,
            'expression': of.expression,
            'scale': of.scale,
            'is_scaled': of.is_scaled,
            'size': of.size,
            'weight': of.weight,
            'unit': of.unit,
            'center': of.center,
            'spread': of.spread,
            'filler': of.filler,
        }) -%}
    {%- endfor -%}
    {{ return({
        'version': stored.number,
        'fitted_at': stored.fitted_at,
        'id': plan.settings.id,
        'weight_column': plan.settings.weight_column,
        'metric': plan.metric,
        'columns': columns,
        'missing': plan.missing,
        'out_of_range': plan.out_of_range,
        'is_used': plan.is_used,
        'max_distance': plan.settings.get('max_distance'),
        'rules': stored.rules,
        'features': features,
        'segments': mallard._stored_segments(segmentation, stored),
    }) }}
{%- endmacro %}

{# The segments of a version with their names and centroids; a vector is the text of a list. And how often their customers counted at the
   fit, the sum of their squared distances to the centroid, and that of the squares of these. #}
{% macro _stored_segments(segmentation, stored) -%}
    {%- set relation = '(' ~ mallard._segments_of_version(segmentation, stored) ~ ')' -%}
    {%- set centroids = mallard.load_centroids(relation) -%}
    {%- do mallard._write_out_vectors(centroids) -%}
    {%- for segment in centroids.segments -%}
        {%- set moments = stored.moments[segment.segment_id | string] -%}
        {%- do segment.update(
            weight=moments.weight, squared_distances=moments.squared_distances, fourth_powers=moments.fourth_powers
        ) -%}
    {%- endfor -%}
    {{ return(centroids.segments) }}
{%- endmacro %}

{# Give centroids their vectors, as the texts of lists. #}
{% macro _write_out_vectors(centroids) -%}
    {%- for feature, vector in centroids.vectors.items() -%}
        {%- set query -%}
            select segment_id as "segment_id", {{ mallard._digits_of(mallard._vector_of(vector)) }} as "vector"
            from {{ centroids.relation }}
        {%- endset -%}
        {%- set by_segment = {} -%}
        {%- for row in mallard._query(query) -%}
            {%- do by_segment.update({row['segment_id'] | int: mallard._digits(row['vector'])}) -%}
        {%- endfor -%}
        {%- for segment in centroids.segments -%}
            {%- do segment.centroid.update({feature: by_segment[segment.segment_id]}) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}

{# Whether a segmentation has been built. What can't be one is refused. #}
{% macro _has_versions(segmentation) -%}
    {%- if segmentation is string or segmentation is none or segmentation is undefined -%}
        {%- do mallard._stop(
            'the segmentation is ' ~ mallard._shortened(tojson(segmentation)) ~ ": give it as ref('...'), source('...', '...') or "
            ~ 'api.Relation.create(...).'
        ) -%}
    {%- elif segmentation.is_cte or not segmentation.identifier -%}
        {%- do mallard._stop(
            segmentation ~ ' is a fixture of a unit test: override the macro mallard.stored_version in it; '
            ~ 'dbt run-operation stored_version_as_yaml prints what with.'
        ) -%}
    {%- endif -%}
    {%- if not mallard._is_built(mallard._with_all_rows(segmentation), 'the segments to score by') -%}
        {{ return(false) }}
    {%- elif not load_relation(mallard.versions(segmentation)) -%}
        {%- do mallard._stop(
            segmentation ~ " isn't a segmentation, because there is no table " ~ segmentation.identifier ~ '__versions beside it: '
            ~ "name a model that is materialized='segmentation', or what mallard fit wrote."
        ) -%}
    {%- endif -%}
    {%- set remedy = 'make a model without group_by that selects the group' -%}
    {%- do mallard._check_has_no_groups(segmentation, 'scoring by a version', remedy) -%}
    {{ return(true) }}
{%- endmacro %}

{% macro _stop_without_version(segmentation, version) -%}
    {%- set known = mallard._query('select version from ' ~ mallard.versions(segmentation) ~ ' order by 1 asc').columns[0].values() -%}
    {%- if not known -%}
        {%- do mallard._stop(segmentation ~ ' has no version yet, because it was built without rows: build it without --empty.') -%}
    {%- endif -%}
    {%- do mallard._stop(
        segmentation ~ ' has no version ' ~ mallard._shortened(version) ~ ': choose from ' ~ known | join(', ') ~ ', or leave it out for the current one.'
    ) -%}
{%- endmacro %}
