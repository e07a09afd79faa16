{# One row per segment with the sums by which drift is measured, see mallard/lifecycle/passes.py: over the customers, by the centroids of a
   version. `at_fit` has the rows of the pass at the fit, by the ids of the segments, if this is a later one. Positions of vectors don't
   count by themselves. Sums are exact, so that they don't depend on the order of the rows; that needs to know beforehand how large their
   terms can be: nobody is farther from the nearest centroid than from the first, but rules can give the segment of any. #}
{% macro _pass_over(scaled, centroids, statistics, at_fit=none) -%}
    {%- set weight = '"mallard__weight"' if statistics.weight else none -%}
    {%- set largest_weight = weight and 'max(' ~ weight ~ ')' -%}
    {%- set bounding = centroids if centroids.get('rules') else dict(centroids, segments=centroids.segments[:1]) -%}
    {%- set scales, sums, squares = [], [], [] -%}
    {%- for of in statistics.features if not of.size -%}
        {%- set n = loop.index0 | string -%}
        {%- set value = mallard._summable(mallard._quoted('mallard__scaled_' ~ of.name)) -%}
        {%- set largest = 'max(abs(' ~ value ~ '))' -%}
        {%- do scales.append(mallard.default__sum_scale(mallard._weighted(largest, largest_weight)) ~ ' as mallard__scale_' ~ n) -%}
        {%- set largest = 'pow(' ~ largest ~ ', 2)' -%}
        {%- do scales.append(mallard.default__sum_scale(mallard._weighted(largest, largest_weight)) ~ ' as mallard__square_scale_' ~ n) -%}
        {%- do sums.append(mallard.default__exact_sum(mallard._weighted(value, weight), 'mallard__scale_' ~ n)) -%}
        {%- set square = mallard._weighted(mallard._square_of(value), weight) -%}
        {%- do squares.append(mallard.default__exact_sum(square, 'mallard__square_scale_' ~ n)) -%}
    {%- endfor -%}
    {%- set farthest = [] -%}
    {%- for segment in bounding.segments -%}
        {%- do farthest.append('max(' ~ mallard._summable('squared_distance_' ~ segment.segment_id) ~ ')') -%}
    {%- endfor -%}
    {%- set farthest = 'greatest(' ~ farthest | join(', ') ~ ')' if farthest | length > 1 else farthest[0] or '0' -%}
    with mallard__bounds as (

        select
            {{ mallard._weight_scales(weight) }}
            {%- if weight %}
            {{ mallard.default__sum_scale('pow(max(' ~ weight ~ '), 2)') }} as mallard__squared_weight_scale,
            {%- endif %}
            {%- for scale in scales %}
            {{ scale }},
            {%- endfor %}
            {{ mallard.default__sum_scale(mallard._weighted(farthest, largest_weight)) }} as mallard__distance_scale,
            {{ mallard.default__sum_scale(mallard._weighted('pow(' ~ farthest ~ ', 2)', largest_weight)) }} as mallard__fourth_scale
        from ({{ mallard._measured(scaled, bounding) }})

    ),

    mallard__given as (

        select
            *,
            {{ mallard._given_segment(centroids) }} as mallard__segment_id
        from ({{ mallard._measured(scaled, centroids) }})

    ),

    mallard__squares as (

        select
            *,
            {{ mallard._summable('mallard__to_centroid') }} as mallard__squared
        from (
            select
                *,
                {{ mallard._of_segment(centroids, 'squared_distance_') }} as mallard__to_centroid
            from mallard__given
        )

    )

    select
        mallard__segment_id as segment_id,
        count(*) as n,
        {%- if weight %}
        {{ mallard._count('1', weight) }} as weight,
        {{ mallard.default__exact_sum(mallard._square_of(weight), 'mallard__squared_weight_scale') }} as squared_weights,
        {%- else %}
        cast(count(*) as double) as weight,
        cast(count(*) as double) as squared_weights,
        {%- endif %}
        cast([{{ sums | join(', ') }}] as double[]) as sums,
        cast([{{ squares | join(', ') }}] as double[]) as squares,
        {{ mallard.default__exact_sum(mallard._weighted('mallard__squared', weight), 'mallard__distance_scale') }} as squared_distances,
        {{ mallard.default__exact_sum(mallard._weighted('mallard__squared * mallard__squared', weight), 'mallard__fourth_scale') }} as fourth_powers,
        max(mallard__squared) as largest,
        {{ mallard._count_of_far(at_fit) }} as n_far
    from mallard__squares
    cross join mallard__bounds
    group by mallard__segment_id
    order by mallard__segment_id asc
{%- endmacro %}

{# The customers who get a segment, with the squares of their distances to these centroids. #}
{% macro _measured(scaled, centroids) -%}
        select
            *{{ ',' if centroids.segments }}
            {{ mallard.default__squared_distances(centroids, 'mallard__scaled_') }}
        from {{ scaled }}
        {%- if centroids.vectors %}
        cross join ({{ mallard._centroid_vectors(centroids) }})
        {%- endif %}
        where mallard__is_used
{%- endmacro %}

{# Of columns that are there for each segment, that of the segment that a customer is in. #}
{% macro _of_segment(centroids, prefix) -%}
    {%- if not centroids.segments -%}
    cast(null as double)
    {%- else -%}
    case mallard__segment_id
        {%- for segment in centroids.segments %} when {{ segment.segment_id }} then {{ prefix }}{{ segment.segment_id }}{% endfor %} end
    {%- endif -%}
{%- endmacro %}

{# Squares of larger numbers, and sums of these, would be infinite. Not least(), which makes a number of null. #}
{% macro _summable(expression) -%}
    case when {{ expression }} > 1e150 then 1e150 when {{ expression }} < -1e150 then -1e150 else {{ expression }} end
{%- endmacro %}

{# How many customers are farther from their centroid than anybody was at the fit. #}
{% macro _count_of_far(at_fit) -%}
    {%- if not at_fit -%}
        cast(0 as bigint)
    {%- else -%}
        count(*) filter (mallard__squared > case mallard__segment_id
            {%- for id, of_segment in at_fit.items() %} when {{ id }} then {{ mallard._double(of_segment.largest) }}{% endfor %} end)
    {%- endif -%}
{%- endmacro %}

{% macro _columns_of_a_pass() -%}
    {{ return([
        'segment_id', 'n', 'weight', 'squared_weights', 'sums', 'squares', 'squared_distances', 'fourth_powers', 'largest', 'n_far'
    ]) }}
{%- endmacro %}

{# Those of the customers at the fit of a version, found once. #}
{% macro _moments_at_fit(version, centroids, statistics) -%}
    {%- if not version.moments -%}
        {%- do version.update(moments=mallard._moments(mallard._pass_over('mallard__scaled', centroids, statistics))) -%}
    {%- endif -%}
    {{ return(version.moments) }}
{%- endmacro %}

{# A pass as it is kept: its rows by the ids of the segments. A database can fold names to capitals. #}
{% macro _moments(query) -%}
    {%- set moments, columns = {}, [] -%}
    {%- for column in mallard._columns_of_a_pass() -%} {%- do columns.append(mallard._literal(column) ~ ': ' ~ column) -%} {%- endfor -%}
    {%- set of_segments -%}
        select segment_id as "segment_id", cast(to_json({ {{- columns | join(', ') -}} }) as varchar) as "moments" from ({{ query }})
    {%- endset -%}
    {%- for row in mallard._query(of_segments) -%}
        {%- set of_segment = {} -%}
        {%- for name, value in fromjson(row['moments']).items() -%} {%- do of_segment.update({name | lower: value}) -%} {%- endfor -%}
        {%- do moments.update({row['segment_id'] | int: of_segment}) -%}
    {%- endfor -%}
    {{ return(moments) }}
{%- endmacro %}
