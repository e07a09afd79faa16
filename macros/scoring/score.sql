{% macro score(relation, segmentation, version=none) -%}
    {{ return(mallard._sql(adapter.dispatch('score', 'mallard')(relation, segmentation, version))) }}
{%- endmacro %}

{# Arithmetic with constants, as in the segmentation itself. Scoring needs no weights, so rows needn't have any. #}
{% macro default__score(relation, segmentation, version) -%}
    {%- set stored = mallard.stored_version(segmentation, version) -%}
    {%- if stored is none -%}
        {%- set group, outliers = mallard._group_column_of(segmentation), none -%}
        {%- if execute and load_relation(mallard._with_all_rows(segmentation)) -%}
            {%- set outliers = mallard._outliers_of_build(segmentation, has_groups=group | length > 0) -%}
        {%- endif -%}
        {{ return(mallard._customers_without_rows(relation, dict(mallard._columns_of_a_score(outliers), **group))) }}
    {%- endif -%}
    {{ return(mallard._scored_by(mallard._with_checked_columns(relation, segmentation, stored), stored)) }}
{%- endmacro %}

{# The customers of a relation by what `stored_version` gave. #}
{% macro _scored_by(relation, stored) -%}
    {%- if stored.groups -%}
        {{ return(mallard._scored_by_group(relation, stored)) }}
    {%- endif -%}
    {%- set scaled = '(' ~ mallard._scaled_by(relation, stored) ~ ')' -%}
    {%- set centroids = mallard._stored_centroids(stored) -%}
    {%- if stored.get('outliers') -%}
        {%- do centroids.outliers.update(stored.outliers, is_shown=true) -%}
    {%- endif -%}
    {{ return(mallard._segmented_customers(scaled, centroids, {'weight': none}, stored.version)) }}
{%- endmacro %}

{# The same before they are scored: as the version scales them. #}
{% macro _scaled_by(relation, stored) -%}
    {{ return(mallard._scaled_customers(relation, {'features': stored.features, 'weight': none}, stored)) }}
{%- endmacro %}

{# The centroids as `load_centroids` gives them. Vectors stand in a relation there, which is made of constants here. #}
{% macro _stored_centroids(stored) -%}
    {%- set vectors, places = {}, [0] -%}
    {%- for of in stored.features if of.size -%}
        {%- do vectors.update({of.name: {'place': places[-1], 'size': of.size}}) -%}
        {%- do places.append(places[-1] + of.size) -%}
    {%- endfor -%}
    {%- set rows = [] -%}
    {%- for segment in stored.segments if vectors -%}
        {%- set lists = [] -%}
        {%- for feature in vectors -%} {%- do lists.append(mallard._double(segment.centroid[feature], 'double[]')) -%} {%- endfor -%}
        {%- do rows.append('(' ~ segment.segment_id ~ ', ' ~ lists | join(' || ') ~ ')') -%}
    {%- endfor -%}
    {%- set centroids = {
        'metric': stored.metric,
        'segments': stored.segments,
        'rules': stored.get('rules'),
        'vectors': vectors,
        'relation': '(values ' ~ rows | join(', ') ~ ') as mallard__stored (segment_id, centroid)',
    } -%}
    {%- set moments = {} -%}
    {%- for segment in stored.segments -%} {%- do moments.update({segment.segment_id: segment}) -%} {%- endfor -%}
    {{ return(mallard._with_limit(centroids, moments, stored, is_shown=stored.get('outliers') is not none)) }}
{%- endmacro %}
