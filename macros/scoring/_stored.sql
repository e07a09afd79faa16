{# What `_load_versions` found, by group, each as `stored_version` gives a version. #}
{% macro _stored(segmentation, found) -%}
    {%- set segments, versions = mallard._stored_segments(segmentation, found), {} -%}
    {%- set outliers = mallard._outliers_of_build(segmentation, found[0].group is not none) -%}
    {%- for stored in found -%}
        {%- do versions.update({stored.group: mallard._stored_of(stored, segments[stored.group], outliers)}) -%}
    {%- endfor -%}
    {{ return(versions) }}
{%- endmacro %}

{% macro _stored_of(stored, segments, outliers) -%}
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
    {%- if outliers -%}
        {%- set outliers = dict(outliers, anomalous_from=outliers.anomalous_from.get(stored.group)) -%}
    {%- endif -%}
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
        'outliers': outliers,
        'rules': stored.rules,
        'features': features,
        'segments': segments,
    }) }}
{%- endmacro %}

{# The segments of versions with their names and centroids, by group; a vector is the text of a list. And how often their customers counted
   at the fit, the sum of their squared distances to the centroid, and that of the squares of these. #}
{% macro _stored_segments(segmentation, found) -%}
    {%- set conditions, versions, segments = [], {}, {} -%}
    {%- for stored in found -%}
        {%- do conditions.append(mallard._is_version(stored.group, stored.number)) -%}
        {%- do versions.update({stored.group: stored}) -%}
        {%- do segments.update({stored.group: []}) -%}
    {%- endfor -%}
    {%- set query -%}
        select
            {{ mallard._digits_of('null' if found[0].group is none else '"group"') }} as "group_name",
            segment_id as "segment_id",
            segment_name as "segment_name",
            feature as "feature",
            coalesce({{ mallard._digits_of('scaled_centroid') }}, {{ mallard._digits_of('scaled_centroid_vector') }}) as "place"
        from {{ mallard._beside(segmentation, 'centroids') }}
        where {{ conditions | join(' or ') }}
        order by segment_id asc
    {%- endset -%}
    {%- for row in mallard._query(query) -%}
        {%- set group, id = mallard._digits(row['group_name']), row['segment_id'] | int -%}
        {%- set of_group, stored = segments[group], versions[group] -%}
        {%- if not of_group or of_group[-1].segment_id != id -%}
            {%- set centroid, moments = {}, stored.moments[id | string] -%}
            {%- for feature in stored.statistics.features -%} {%- do centroid.update({feature.name: none}) -%} {%- endfor -%}
            {%- do of_group.append({
                'segment_id': id,
                'segment_name': row['segment_name'],
                'centroid': centroid,
                'weight': moments.weight,
                'squared_distances': moments.squared_distances,
                'fourth_powers': moments.fourth_powers,
            }) -%}
        {%- endif -%}
        {%- do of_group[-1].centroid.update({row['feature']: mallard._digits(row['place'])}) -%}
    {%- endfor -%}
    {{ return(segments) }}
{%- endmacro %}
