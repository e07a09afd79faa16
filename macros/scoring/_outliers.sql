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

{# The centroids with the limit of the version that they are of; also without a limit, if distances in radii are shown. #}
{% macro _with_limit(centroids, moments, settings, is_shown=false) -%}
    {%- set max_distance = settings.get('max_distance') -%}
    {%- if max_distance is none and not is_shown -%}
        {{ return(centroids) }}
    {%- endif -%}
    {{ return(dict(centroids, outliers=mallard._outliers(centroids, moments, max_distance))) }}
{%- endmacro %}

{# What the last build says of outliers, which scores say too: whether its table has their columns, and the normalized distance from which
   on customers are anomalies, by group. None without these columns, which come after that of the segments: a select can have such names. #}
{% macro _outliers_of_build(segmentation, has_groups) -%}
    {%- set columns, anomalous_from = mallard._columns_from_segment_on(segmentation), {} -%}
    {%- if 'normalized_distance' not in columns -%}
        {{ return(none) }}
    {%- elif 'is_anomaly' not in columns -%}
        {{ return({'has_anomalies': false, 'anomalous_from': anomalous_from}) }}
    {%- endif -%}
    {%- set query -%}
        select
            {{ mallard._digits_of('"group"' if has_groups else 'null') }} as "group_name",
            {{ mallard._digits_of('min(normalized_distance)') }} as "anomalous_from"
        from {{ mallard._with_all_rows(segmentation) }}
        where is_anomaly
        {{ 'group by "group"' if has_groups }}
    {%- endset -%}
    {%- for row in mallard._query(query) -%}
        {%- do anomalous_from.update({mallard._digits(row['group_name']): mallard._digits(row['anomalous_from'])}) -%}
    {%- endfor -%}
    {{ return({'has_anomalies': true, 'anomalous_from': anomalous_from}) }}
{%- endmacro %}

{# The same, as `stored_version` gives it; that of any group. #}
{% macro _stored_outliers(stored) -%}
    {{ return((stored.groups.values() | first if stored.groups else stored).get('outliers')) }}
{%- endmacro %}

{# The names of the columns of a segmentation from that of the segments on, in lower case. #}
{% macro _columns_from_segment_on(segmentation) -%}
    {%- set names = adapter.get_columns_in_relation(mallard._with_all_rows(segmentation)) | map(attribute='name') | map('lower') | list -%}
    {{ return(names[names.index('segment_id'):] if 'segment_id' in names else []) }}
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
