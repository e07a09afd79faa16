{# The current version of a segmentation without groups: all that scoring needs, but for the centroids; none without history. #}
{% macro _load_version(segmentation) -%}
    {%- set found = mallard._load_versions(segmentation) if execute and load_relation(mallard.versions(segmentation)) else [] -%}
    {{ return(found[0] if found else none) }}
{%- endmacro %}

{# The last of the versions that meet a condition, as a list of one, or none; if there are groups, the last of each. #}
{% macro _load_versions(segmentation, condition='true', has_groups=false) -%}
    {%- set found = [] -%}
    {%- set query -%}
        select
            {{ mallard._digits_of('"group"' if has_groups else 'null') }} as "group_name",
            version as "version",
            cast(fitted_at as varchar) as "fitted_at",
            settings as "settings",
            scoring as "scoring",
            candidate as "candidate",
            data_fingerprint as "fingerprint",
            highest_segment_id as "highest_segment_id"
        from {{ mallard.versions(segmentation) }}
        where {{ condition }}
        {{ 'qualify version = max(version) over (partition by "group")' if has_groups }}
        order by {{ '"group_name" asc' if has_groups else 'version desc limit 1' }}
    {%- endset -%}
    {%- for row in mallard._query(query) -%}
        {%- set scoring = fromjson(row['scoring']) -%}
        {%- if scoring.format not in [1, 2] -%}
            {%- do mallard._stop(
                'version ' ~ row['version'] ~ ' of ' ~ segmentation.identifier ~ ' was written by another version of this package, in format '
                ~ scoring.format ~ ', and this one reads formats 1 and 2: update the package mallard.'
            ) -%}
        {%- endif -%}
        {%- do found.append({
            'group': mallard._digits(row['group_name']),
            'number': row['version'] | int,
            'fitted_at': row['fitted_at'],
            'matters': row['settings'],
            'plan': mallard._plan_for_others(scoring.plan),
            'statistics': mallard._guarded_statistics(scoring),
            'reaches': scoring.reaches,
            'moments': scoring.moments,
            'rules': scoring.get('rules', []),
            'candidate': row['candidate'] | int if row['candidate'] is not none else none,
            'fingerprint': row['fingerprint'],
            'highest_segment_id': row['highest_segment_id'] | int,
        }) -%}
    {%- endfor -%}
    {{ return(found) }}
{%- endmacro %}

{# The plan of a version for other customers than those of its fit, who may lack what nobody lacked then, or have what a fit refuses. With
   `error`, nobody may lack anything. #}
{% macro _plan_for_others(plan) -%}
    {%- set conditions = [] -%}
    {%- if plan.settings.nulls not in ['mean', 'median'] -%}
        {%- set conditions = plan.can_be_missing.values() | list + plan.can_be_out_of_range.values() | list -%}
    {%- endif -%}
    {{ return(dict(
        plan,
        missing=plan.can_be_missing,
        out_of_range=plan.can_be_out_of_range,
        is_used='not ((' ~ conditions | join(') or (') ~ '))' if conditions else 'true'
    )) }}
{%- endmacro %}

{# The statistics of a version, with expressions that can be computed of any row. #}
{% macro _guarded_statistics(scoring) -%}
    {%- for of in scoring.statistics.features if of.name in scoring.plan.guarded -%}
        {%- do of.update(expression=scoring.plan.guarded[of.name]) -%}
    {%- endfor -%}
    {{ return(scoring.statistics) }}
{%- endmacro %}

{# The version with which a build goes on: a new one if there is a reason to fit. #}
{% macro _version_after(stored, reason, matters, fingerprint) -%}
    {%- if reason is none -%}
        {{ return({'number': stored.number, 'is_new': false, 'fingerprint': fingerprint}) }}
    {%- endif -%}
    {{ return({
        'number': stored.number + 1 if stored else 1,
        'is_new': true,
        'reason': reason,
        'matters': matters,
        'fingerprint': fingerprint,
        'replaces': stored.number if stored else none,
    }) }}
{%- endmacro %}

{# A query for one row per segment of a version, as load_centroids reads it. #}
{% macro _segments_of_version(segmentation, stored) -%}
    {%- set names = [] -%}
    {%- for feature in stored.statistics.features -%} {%- do names.append(mallard._literal(feature.name)) -%} {%- endfor -%}
    {%- set place = 'list_position([' ~ names | join(', ') ~ '], feature)' -%}
    select
        segment_id,
        any_value(segment_name) as segment_name,
        {{ mallard._literal(stored.plan.metric) }} as metric,
        flatten(list([feature for x in coordinates] order by {{ place }} asc)) as features,
        flatten(list(coordinates order by {{ place }} asc)) as centroid,
        any_value(stability) as segment_stability
    from (
        select
            centroids.segment_id,
            centroids.segment_name,
            centroids.feature,
            coalesce(centroids.scaled_centroid_vector, [centroids.scaled_centroid]) as coordinates,
            profiles.stability
        from {{ mallard._beside(segmentation, 'centroids') }} as centroids
        left join {{ mallard._beside(segmentation, 'profiles') }} as profiles
            on centroids.version = profiles.version and centroids.segment_id = profiles.segment_id
            and centroids.feature collate posix = profiles.feature collate posix
        where centroids.version = {{ stored.number }}
    )
    group by segment_id
{%- endmacro %}
