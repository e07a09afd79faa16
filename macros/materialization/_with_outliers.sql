{# The centroids with what the settings contamination and max_distance take; as they are without. #}
{% macro _with_outliers(centroids, plan, statistics, version, stored) -%}
    {%- set contamination, max_distance = plan.settings.contamination, plan.settings.max_distance -%}
    {%- if contamination is none and max_distance is none -%}
        {{ return(centroids) }}
    {%- endif -%}
    {%- set moments = mallard._moments_at_fit(version, centroids, statistics) if version.is_new else stored.moments -%}
    {%- set outliers = dict(mallard._outliers(centroids, moments, max_distance), is_shown=true) -%}
    {%- if contamination is not none -%}
        {%- set scored = mallard.default__scored_customers(
            'mallard__scaled', dict(centroids, outliers=outliers), 'mallard__scaled_', 'mallard__is_used'
        ) -%}
        {%- do outliers.update(has_anomalies=true, anomalous_from=mallard._anomalous_from(scored, contamination, plan.weight)) -%}
    {%- endif -%}
    {{ return(dict(centroids, outliers=outliers)) }}
{%- endmacro %}
