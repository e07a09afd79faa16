{% macro features_of(segmentation) -%}
    {{ return(adapter.dispatch('features_of', 'mallard')(segmentation)) }}
{%- endmacro %}

{% macro default__features_of(segmentation) -%}
    {{ return(mallard._current_rows(segmentation, 'features')) }}
{%- endmacro %}

{# Variances are taken about the mean of the segments' places, each of which counts as often as its segment has customers. #}
{% macro _features_query(made) -%}
    {%- set features = made.statistics.features -%}
    {%- set weight = '"mallard__weight"' if made.statistics.weight else none -%}
    {%- set means = mallard._means_of_features(features) -%}
    with mallard__places as (

        select
            place,
            any_value(feature) as feature,
            list(weight order by segment_id asc) as weights,
            list(coordinate order by segment_id asc) as coordinates,
            list_inner_product(weights, coordinates) / list_sum(weights) as mean
        from (
            select
                segment_id,
                cast(weight as double) as weight,
                unnest(features) as feature,
                unnest(centroid) as coordinate,
                unnest(range(len(centroid))) as place
            from {{ mallard._places_of_segments(made) }}
        )
        group by place

    ),

    mallard__between as (

        select
            feature,
            list_sum(list(
                list_sum([x[1] * (x[2] - mean) * (x[2] - mean) for x in list_zip(weights, coordinates)])
                order by place asc
            )) as between_segments
        from mallard__places
        group by feature collate posix, feature

    ),

    mallard__mean as (

        select list(mean order by place asc) as mallard__mean
        from mallard__places

    ),

    mallard__squares as (

        select
            {{ weight ~ ',' if weight }}
            mallard__is_used,
            {%- for of in features %}
            {{ mallard._lacks(of) }} as lacks_{{ loop.index0 }},
            {{ mallard._square_from_mean(of, means[loop.index0]) }} as square_{{ loop.index0 }}{{ ',' if not loop.last }}
            {%- endfor %}
        from {{ made.scaled }}
        cross join mallard__mean

    ),

    mallard__bounds as (

        select
            {{ mallard._weight_scales(weight) }}
            {%- for of in features %}
            {%- set largest = 'max(square_' ~ loop.index0 ~ ')' %}
            {%- set largest = mallard._weighted(largest, weight and 'max(' ~ weight ~ ')') %}
            {{ mallard.default__sum_scale(largest) }} as square_scale_{{ loop.index0 }}{{ ',' if not loop.last }}
            {%- endfor %}
        from mallard__squares

    ),

    mallard__sums as (

        select
            {{ mallard._count('1', weight) }} as n_customers,
            {%- for of in features %}
            {%- set n = loop.index0 %}
            {%- set used = 'case when mallard__is_used then square_' ~ n ~ ' end' %}
            {{ mallard._count_where('lacks_' ~ n, weight) }} as n_lacking_{{ n }},
            {{ mallard.default__exact_sum(mallard._weighted(used, weight), 'square_scale_' ~ n) }} as total_{{ n }}{{ ',' if not loop.last }}
            {%- endfor %}
        from mallard__squares
        cross join mallard__bounds

    ),

    mallard__features as (

        select
            unnest([
                {%- for of in features %}
                {%- set n = loop.index0 %}
                {
                    'place': {{ n }},
                    'feature': {{ mallard._literal(of.name) }},
                    'scale': {{ mallard._literal(of.scale) }},
                    'scale_reason': {{ mallard._literal(of.scale_reason) }},
                    'unit': {{ mallard._double(none if of.size else of.unit) }},
                    'center': {{ mallard._double(none if of.size else of.center) }},
                    'spread': {{ mallard._double(none if of.size else of.spread) }},
                    'feature_weight': {{ mallard._double(of.weight) }},
                    'share_missing': coalesce(cast(n_lacking_{{ n }} as double) / n_customers, 0),
                    'skewness': {{ mallard._double(of.skewness) }},
                    'total': coalesce(total_{{ n }}, 0)
                }{{ ',' if not loop.last }}
                {%- endfor %}
            ], recursive := true)
        from mallard__sums

    ),

    mallard__totals as (

        select
            list_sum(list(total order by place asc)) as total_of_all,
            list_sum(list(between_segments order by place asc)) as between_of_all
        from mallard__features
        inner join mallard__between on mallard__features.feature collate posix = mallard__between.feature collate posix

    )

    select
        mallard__features.feature as "feature",
        scale as "scale",
        scale_reason as "scale_reason",
        unit as "unit",
        center as "center",
        spread as "spread",
        feature_weight as "weight",
        share_missing as "share_missing",
        skewness as "skewness",
        total / nullif(total_of_all, 0) as "share_of_variance",
        between_segments / nullif(between_of_all, 0) as "share_between"
    from mallard__features
    inner join mallard__between on mallard__features.feature collate posix = mallard__between.feature collate posix
    cross join mallard__totals
    order by place asc
{%- endmacro %}

{# One row per segment with its weight, and with its place, which is the mean of its customers: the centroid, unless rules give the
   segments. #}
{% macro _places_of_segments(made) -%}
    {%- if not made.centroids.get('rules') -%}
        {{ return(made.centroids.relation) }}
    {%- endif -%}
    {%- set names, rows = [], [] -%}
    {%- for of in made.statistics.features -%} {%- do names.append(mallard._literal(of.name)) -%} {%- endfor -%}
    {%- for id, of_segment in mallard._moments_at_fit(made.version, made.centroids, made.statistics).items() -%}
        {%- set place = [] -%}
        {%- for sum in of_segment.sums -%} {%- do place.append(mallard._double(sum / of_segment.weight)) -%} {%- endfor -%}
        {%- do rows.append(
            '(' ~ id ~ ', ' ~ mallard._double(of_segment.weight) ~ ', [' ~ names | join(', ') ~ '], [' ~ place | join(', ') ~ '])'
        ) -%}
    {%- endfor -%}
    {{ return('(values ' ~ rows | join(', ') ~ ') as mallard__places_by_rules (segment_id, weight, features, centroid)') }}
{%- endmacro %}

{# Where the mean of each feature is in the list of those of all coordinates, as SQL. #}
{% macro _means_of_features(features) -%}
    {%- set means, places = [], [1] -%}
    {%- for of in features -%}
        {%- set first = places[-1] -%}
        {%- do places.append(first + (of.size or 1)) -%}
        {%- do means.append(
            'cast(mallard__mean[' ~ first ~ ':' ~ (places[-1] - 1) ~ '] as double[' ~ of.size ~ '])' if of.size
            else 'mallard__mean[' ~ first ~ ']'
        ) -%}
    {%- endfor -%}
    {{ return(means) }}
{%- endmacro %}

{# The square of a customer's distance from the mean, in one feature. #}
{% macro _square_from_mean(of, mean) -%}
    {%- set scaled = mallard._quoted('mallard__scaled_' ~ of.name) -%}
    {%- if of.size -%}
        {{ return('pow(array_distance(' ~ scaled ~ ', ' ~ mean ~ '), 2)') }}
    {%- endif -%}
    {{ return(mallard._square_of(scaled ~ ' - ' ~ mean)) }}
{%- endmacro %}

{# Whether a customer lacks a number, or a position of a vector. #}
{% macro _lacks(of) -%}
    {%- if of.size -%}
        {{ return("coalesce(list_aggregate(" ~ of.expression ~ ", 'count'), 0) < " ~ of.size) }}
    {%- endif -%}
    {{ return('(' ~ of.expression ~ ') is null') }}
{%- endmacro %}

{% macro _features_table() -%}
    {{ return({
        'row': 'One row per feature, with how it was scaled and how much it tells the customers and the segments apart.',
        'made_by': 'fit',
        'keeps': 'versions',
        'figures': {'row': ['share_missing']},
        'columns': {
            'version': mallard._version_column(),
            'feature': mallard._table('profiles').columns.feature,
            'scale': ['varchar', 'How the feature was made comparable: the scale that the settings name, or that auto chose.'],
            'scale_reason': ['varchar', 'Why it has this scale, such as "skewness 4.2: a few values are far larger than most".'],
            'unit': ['double', 'The unit u of the scale asinh+standard: the first quartile of the absolute values that are not 0. Null for other scales and for a vector.'],
            'center': ['double', 'What was subtracted from the value, or from its logarithm. Null for a vector.'],
            'spread': ['double', 'What the difference was divided by. Null for a vector.'],
            'weight': ['double', 'What the scaled feature was multiplied by: the weight in the settings.'],
            'share_missing': ['double', 'Share of the rows of the select without a value, 0 to 1. Weighted, if customers have weights.'],
            'skewness': ['double', 'Population skewness of the values before scaling, of the customers with a segment: 0 if symmetric, above 0 if a few are far larger than most. Null for a vector.'],
            'share_of_variance': ['double', 'Share of the feature in the total variance of the scaled customers, 0 to 1: how much it counts in distances.'],
            'share_between': ['double', 'Share of the feature in the variance between the segments, 0 to 1: how much of what separates the segments it carries. Null if there is only one segment.'],
        },
    }) }}
{%- endmacro %}

{% macro _few_in_features(rows, made, fewest) -%}
    select
        mallard__rows.*,
        {{ mallard._are_few('n_lacking', fewest) }} or {{ mallard._are_few('n_of_all - n_lacking', fewest) }} as mallard__hides_row
    from {{ rows }} as mallard__rows
    inner join (
        select
            n_of_all,
            unnest([
                {%- for of in made.statistics.features %}
                {'mallard__feature': {{ mallard._literal(of.name) }}, 'n_lacking': n_lacking_{{ loop.index0 }}}{{ ',' if not loop.last }}
                {%- endfor %}
            ], recursive := true)
        from (
            select
                {%- for of in made.statistics.features %}
                count(*) filter ({{ mallard._lacks(of) }}) as n_lacking_{{ loop.index0 }},
                {%- endfor %}
                count(*) as n_of_all
            from {{ made.scaled }}
        )
    ) as mallard__lacking on mallard__rows.feature collate posix = mallard__lacking.mallard__feature collate posix
{%- endmacro %}
