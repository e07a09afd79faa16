{# What scoring needs to know of outliers: the radius of each segment, and the normalized distance beyond which nobody gets a segment, which
   is none without such a setting. A radius is the root mean square of the distances to the centroid at the fit, and a normalized distance
   is a distance over the radius, as in BigQuery's ML.DETECT_ANOMALIES; the shortest one counts. `moments` are those of _pass_over. #}
{% macro _outliers(centroids, moments, max_distance) -%}
    {%- set are_directions = mallard._metric(centroids.metric).spherical -%}
    {%- set radii = {} -%}
    {%- for segment in centroids.segments -%}
        {%- set of = moments.get(segment.segment_id, moments.get(segment.segment_id | string)) -%}
        {#- The distance of directions is half of the square. -#}
        {%- set squares = of.fourth_powers / 4 if are_directions else of.squared_distances -%}
        {%- do radii.update({segment.segment_id: (squares / of.weight) ** 0.5}) -%}
    {%- endfor -%}
    {{ return({'radii': radii, 'max_distance': max_distance}) }}
{%- endmacro %}

{# The centroids with the limit of the version that they are of. #}
{% macro _with_limit(centroids, moments, settings) -%}
    {%- set max_distance = settings.get('max_distance') -%}
    {{ return(dict(centroids, outliers=mallard._outliers(centroids, moments, max_distance)) if max_distance is not none else centroids) }}
{%- endmacro %}

{# The shortest distance to a centroid in radii of its segment. A segment whose customers were all alike has no radius, so that only others
   like them are near. #}
{% macro _normalized_distance(centroids) -%}
    {%- set distances = [] -%}
    {%- for id, radius in centroids.outliers.radii.items() -%}
        {%- set squared = 'squared_distance_' ~ id -%}
        {%- set distance = mallard._metric(centroids.metric).distance | replace('{}', squared) -%}
        {%- do distances.append(
            distance ~ ' / ' ~ mallard._double(radius) if radius > 0
            else 'case when ' ~ squared ~ ' = 0 then ' ~ mallard._double(0) ~ ' end'
        ) -%}
    {%- endfor -%}
    least({{ distances | join(', ') }})
{%- endmacro %}

{# Which customers get a segment: those of a condition who aren't too far from every centroid. #}
{% macro _is_within_limit(is_used, centroids) -%}
    {%- set max_distance = centroids.get('outliers', {}).get('max_distance') -%}
    {%- if max_distance is none -%}
        {{ return(is_used) }}
    {%- endif -%}
    {{ return('(' ~ is_used ~ ' and coalesce(mallard__normalized_distance <= ' ~ mallard._double(max_distance) ~ ', false))') }}
{%- endmacro %}

{# The normalized distance from which on customers are anomalies, as text with all digits: the shortest one such that the customers at it
   and beyond are at most this share of those with a segment; none if there is none. Customers at the same distance are all anomalies, or
   none. #}
{% macro _anomalous_from(scored, contamination, weight) -%}
    {%- set query -%}
        with mallard__distances as (

            select
                normalized_distance,
                {{ 'sum(cast("mallard__weight" * mallard__unit as bigint))' if weight else 'count(*)' }} as n
            from ({{ scored }})
            {%- if weight %}
            cross join (
                select {{ mallard.default__sum_scale('max("mallard__weight")') }} as mallard__unit
                from mallard__scaled
                where mallard__is_used
            )
            {%- endif %}
            where segment_id is not null and normalized_distance is not null
            group by normalized_distance

        ),

        mallard__from_far as (

            select
                normalized_distance,
                sum(n) over (order by normalized_distance desc rows between unbounded preceding and current row) as n_beyond,
                sum(n) over () as n_of_all
            from mallard__distances

        )

        select {{ mallard._digits_of('min(normalized_distance)') }} as "anomalous_from"
        from mallard__from_far
        {#- 0.29 * 100 is a little less than 29. #}
        where cast(n_beyond as double) <= cast(n_of_all as double) * {{ mallard._double(contamination) }} * (1 + 1e-12)
    {%- endset -%}
    {{ return(mallard._digits(mallard._query(query)[0]['anomalous_from'])) }}
{%- endmacro %}
