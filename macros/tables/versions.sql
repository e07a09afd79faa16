{% macro versions(segmentation) -%}
    {{ return(adapter.dispatch('versions', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__versions(segmentation) -%}
    {{ return(mallard._beside(segmentation, 'versions')) }}
{%- endmacro %}

{# One row: the version that this build fitted. #}
{% macro _versions_query(made) -%}
    select
        {{ mallard._this_moment() }} as "fitted_at",
        {{ mallard._literal(invocation_id) }} as "run_id",
        {{ mallard._literal(made.version.reason) }} as "reason",
        cast({{ made.version.replaces or 'null' }} as integer) as "replaces",
        metrics.n_customers as "n_customers",
        metrics.weight as "weight",
        metrics.n_clusters as "n_clusters",
        metrics.metric as "metric",
        metrics.inertia as "inertia",
        metrics.silhouette as "silhouette",
        metrics.silhouette_estimate as "silhouette_estimate",
        metrics.verdict as "verdict",
        {{ mallard._literal(made.version.matters) }} as "settings",
        {{ mallard._literal(tojson({'format': 1, 'plan': made.plan, 'statistics': made.statistics, 'reaches': mallard._reaches(made.customers), 'moments': mallard._moments(mallard._pass_over(made.scaled, made.centroids, made.statistics))})) }} as "scoring"
    from (
        select
            cast((select count(*) from {{ made.customers }} where segment_id is not null) as bigint) as n_customers,
            sum(weight) as weight,
            any_value(n_clusters) as n_clusters,
            any_value(metric) as metric,
            any_value(inertia) as inertia,
            any_value(silhouette) as silhouette,
            any_value(silhouette_estimate) as silhouette_estimate,
            any_value(verdict) as verdict
        from {{ made.partitions }}
        where is_selected
    ) as metrics
{%- endmacro %}

{% macro _versions_table() -%}
    {{ return({
        'row': 'One row per fit, with why it was fitted and all that scoring needs besides the centroids.',
        'made_by': 'fit',
        'keeps': 'versions',
        'columns': {
            'version': mallard._version_column(),
            'fitted_at': ['timestamp', 'When the run began that fitted it, in UTC.'],
            'run_id': ['varchar', "dbt's invocation_id of that run."],
            'reason': ['varchar', 'Why it was fitted.'],
            'replaces': ['integer', 'The version that was current before. Null for the first.'],
            'n_customers': ['bigint', 'Customers with a segment at the fit.'],
            'weight': ['double', 'How often they count together.'],
            'n_clusters': mallard._table('metrics').columns.n_clusters,
            'metric': mallard._table('metrics').columns.metric,
            'inertia': mallard._table('metrics').columns.inertia,
            'silhouette': mallard._table('metrics').columns.silhouette,
            'silhouette_estimate': mallard._table('metrics').columns.silhouette_estimate,
            'verdict': mallard._table('metrics').columns.verdict,
            'settings': ['varchar', 'The settings, columns and method that the fit depended on, as JSON.'],
            'scoring': ['varchar', 'The features with their SQL, scales and statistics, as JSON for mallard.score.'],
        },
    }) }}
{%- endmacro %}

{# How far from its centroid 99 % of the customers of each segment are, by the id of the segment. #}
{% macro _reaches(customers) -%}
    {%- set query -%}
        select segment_id as "segment_id", {{ mallard._digits_of('quantile_cont(distance_to_centroid, 0.99)') }} as "reach"
        from {{ customers }}
        where segment_id is not null
        group by segment_id
    {%- endset -%}
    {%- set reaches = {} -%}
    {%- for row in run_query(query) -%} {%- do reaches.update({row['segment_id'] | int: mallard._digits(row['reach'])}) -%} {%- endfor -%}
    {{ return(reaches) }}
{%- endmacro %}

{# What rows of a version have in common. #}
{% macro _version_column() -%}
    {{ return(['integer', 'Number of the version, from 1. The highest is the current one.']) }}
{%- endmacro %}
