{# A query for one row per segment of a version, with its centroid in the scale of today, in a column for each feature. They are numbered
   from 1 in the order of their ids, among which others may be missing. A feature that the version doesn't have is 0, where its mean is.
   Directions have no unit to come from, and stay as they are. #}
{% macro _earlier_centroids(segmentation, stored, statistics) -%}
    {%- set are_directions = mallard._metric(stored.plan.metric).spherical -%}
    {%- set places, scaled = [], [] -%}
    {%- for of in statistics.features -%}
        {%- set name = ('scaled_' if are_directions else '') ~ 'centroid' ~ ('_vector' if of.size else '') -%}
        {%- set place = 'any_value(' ~ name ~ ') filter (feature collate posix = ' ~ mallard._literal(of.name) ~ ')' -%}
        {%- if of.size -%} {%- set place = 'cast(' ~ place ~ ' as double[' ~ of.size ~ '])' -%} {%- endif -%}
        {%- do places.append(place ~ ' as ' ~ mallard._quoted(of.name)) -%}
        {%- set value = mallard._quoted(of.name) -%}
        {%- set value = value if are_directions else mallard._scaled(dict(of, expression=value)) -%}
        {%- set value = mallard._or_zeros(value, of.size) if of.size else 'coalesce(' ~ value ~ ', 0)' -%}
        {%- do scaled.append(value ~ ' as ' ~ mallard._quoted('mallard__scaled_' ~ of.name)) -%}
    {%- endfor -%}
    select
        row_number() over (order by segment_id asc) as segment_id,
        {{ scaled | join(',\n        ') }}
    from (
        select
            segment_id,
            {{ places | join(',\n            ') }}
        from {{ mallard._beside(segmentation, 'centroids') }}
        where version = {{ stored.number }}
        group by segment_id
    )
{%- endmacro %}

{# As lists, because DuckDB 1.5 can't choose between arrays. #}
{% macro _or_zeros(vector, size) -%}
    cast(coalesce(cast({{ vector }} as double[]), [0 for x in range({{ size }})]) as double[{{ size }}])
{%- endmacro %}

{# The features of today by which the centroids of a version can be compared with those of today. #}
{% macro _features_of_both(stored, statistics, plan) -%}
    {%- set in_both = [] -%}
    {%- for of in statistics.features if stored.plan.metric == plan.metric -%}
        {%- for old in stored.statistics.features if (old.name, old.size) == (of.name, of.size) -%}
            {%- do in_both.append(of) -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(in_both) }}
{%- endmacro %}
