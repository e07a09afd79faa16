{% macro versions(segmentation) -%}
    {{ return(adapter.dispatch('versions', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__versions(segmentation) -%}
    {{ return(mallard._beside(segmentation, 'versions')) }}
{%- endmacro %}

{# One row: the version that this build fitted. Format 2 has rules that give the segments, which those who know only format 1 would miss. #}
{% macro _versions_query(made) -%}
    {%- set version = made.version -%}
    {%- set moments = mallard._moments_at_fit(version, made.centroids, made.statistics) -%}
    {%- set scoring = {
        'format': 1,
        'plan': made.plan,
        'statistics': made.statistics,
        'reaches': mallard._reaches(made.customers),
        'moments': moments,
    } -%}
    {%- do scoring.update(format=2, rules=mallard._scoring_by_rules(made.centroids.rules)) if made.centroids.get('rules') -%}
    select
        {{ mallard._this_moment() }} as "fitted_at",
        {{ mallard._literal(invocation_id) }} as "run_id",
        {{ mallard._literal(version.reason) }} as "reason",
        cast({{ version.replaces or 'null' }} as integer) as "replaces",
        true as "is_current",
        cast((select count(*) from {{ made.customers }} where segment_id is not null) as bigint) as "n_customers",
        sum(weight) as "weight",
        any_value(n_clusters) as "n_clusters",
        cast(any_value((select candidate from mallard__candidate)) as integer) as "candidate",
        {{ version.highest_segment_id }} as "highest_segment_id",
        any_value(metric) as "metric",
        any_value(inertia) as "inertia",
        any_value(silhouette) as "silhouette",
        any_value(silhouette_estimate) as "silhouette_estimate",
        any_value(verdict) as "verdict",
        {{ '(select adjusted_rand_index from (' ~ mallard._agreement() ~ '))' if made.stored else 'cast(null as double)' }} as "adjusted_rand_index",
        {{ mallard._literal(version.fingerprint) }} as "data_fingerprint",
        md5({{ mallard._literal(version.matters) }}) as "settings_fingerprint",
        {{ mallard._literal(fromjson(version.matters).library) }} as "library",
        {{ mallard._literal(version.matters) }} as "settings",
        {{ mallard._literal(tojson(scoring)) }} as "scoring"
    from {{ made.partitions }}
    where is_selected
{%- endmacro %}

{% macro _versions_table() -%}
    {{ return({
        'row': 'One row per fit, with why it was fitted and all that scoring needs besides the centroids. With assignment: rules, inertia, silhouettes and verdict are of the segments of the nearest centroids, which the rules follow.',
        'made_by': 'fit',
        'keeps': 'versions',
        'state': ['scoring'],
        'columns': {
            'version': mallard._version_column(),
            'fitted_at': ['timestamp', 'When the run began that fitted it, in UTC.'],
            'run_id': mallard._run_id_column(),
            'reason': ['varchar', 'Why it was fitted.'],
            'replaces': ['integer', 'The version that was current before. Null for the first.'],
            'is_current': ['boolean', 'Whether builds score by this version.'],
            'n_customers': ['bigint', 'Customers with a segment at the fit.'],
            'weight': ['double', 'How often they count together.'],
            'n_clusters': mallard._table('metrics').columns.n_clusters,
            'candidate': ['integer', 'The number of segments that this fit would have chosen if the version before had not had another. The next build with other data fits again, and takes it if it is chosen again. Null without one.'],
            'highest_segment_id': ['integer', 'The highest id that a segment ever had. New ones come after it.'],
            'metric': mallard._table('metrics').columns.metric,
            'inertia': mallard._table('metrics').columns.inertia,
            'silhouette': mallard._table('metrics').columns.silhouette,
            'silhouette_estimate': mallard._table('metrics').columns.silhouette_estimate,
            'verdict': mallard._table('metrics').columns.verdict,
            'adjusted_rand_index': ['double', 'Agreement with the version before about the customers of this fit: 1 if the segments are the same, about 0 if they have nothing in common. Null for the first version.'],
            'data_fingerprint': ['varchar', 'Changes if the customers or their features do, or with the version of DuckDB.'],
            'settings_fingerprint': ['varchar', 'Changes if the column settings does.'],
            'library': ['varchar', 'The version of mallard that fitted it.'],
            'settings': ['varchar', 'The settings, columns and method that the fit depended on, as JSON.'],
            'scoring': ['varchar', 'The features with their SQL, scales and statistics, as JSON for mallard.score.'],
        },
    }) }}
{%- endmacro %}

{# Between the version before and this one: about the customers of today, or, if they can't be scored by the version before, about those who
   were there at the build before. #}
{% macro _agreement() -%}
    {%- set cells -%}
        select old_id as mallard__first, new_id as mallard__second, sum(n) as n
        from mallard__shared
        where
            old_id is not null and new_id is not null
            and kind = (select case when count(*) filter (kind = 'now') > 0 then 'now' else 'then' end from mallard__shared)
        group by all
    {%- endset -%}
    {{ mallard._adjusted_rand_index_of(cells) }}
{%- endmacro %}

{# How far from its centroid 99 % of the customers of each segment are, by the id of the segment. #}
{% macro _reaches(customers) -%}
    {%- set query -%}
        select segment_id as "segment_id", {{ mallard._digits_of('mallard__quantile_0') }} as "reach"
        from ({{ mallard._quantiles(customers, [['distance_to_centroid', 0.99]], none, 'segment_id') }})
        where segment_id is not null
        order by segment_id asc
    {%- endset -%}
    {%- set reaches = {} -%}
    {%- for row in mallard._query(query) -%}
        {%- do reaches.update({row['segment_id'] | int: mallard._digits(row['reach'])}) -%}
    {%- endfor -%}
    {{ return(reaches) }}
{%- endmacro %}

{# What rows of a version have in common. #}
{% macro _version_column() -%}
    {{ return(['integer', 'Number of the version, from 1. The highest is the current one.']) }}
{%- endmacro %}
