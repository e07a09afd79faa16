{% macro feature_profiles(customers, features, id=none, centroids=none, value_column=none, words=none) -%}
    {{ return(mallard._sql(adapter.dispatch('feature_profiles', 'mallard')(customers, features, id, centroids, value_column, words))) }}
{%- endmacro %}

{# Sums are exact, so that their last digit doesn't depend on the order of the rows. The queries read the customers many times: a table is
   read in less time than it takes to share what is read; a view can take long, so what may be one is shared. #}
{% macro default__feature_profiles(
    customers, features, id=none, centroids=none, value_column=none, words=none, is_table=false
) -%}
    {%- set weight = features.weight -%}
    {%- set numbers = features.features | rejectattr('size') | list -%}
    {%- set are_directions = centroids and mallard._metric(centroids.metric).spherical -%}
    {%- set assigned = 'select * from ' ~ customers ~ ' where segment_id is not null' -%}
    {%- if numbers and are_directions -%}
        {%- set scaled = mallard.default__scaled_features(features, 'mallard__scaled_', with_weight=false) -%}
        {%- set assigned = 'select *, ' ~ scaled ~ ' from (' ~ assigned ~ ')' -%}
        {%- set assigned = mallard.default__directions('(' ~ assigned ~ ')', features, 'mallard__scaled_') -%}
    {%- endif -%}
    {%- set queries = [] -%}
    {%- if numbers -%}{%- do queries.append(mallard._profiles_of_numbers(numbers, features, are_directions, words)) -%}{%- endif -%}
    {%- for vector in features.features | selectattr('size') -%}
        {%- do queries.append(mallard._profiles_of_vector(vector, features, id, words)) -%}
    {%- endfor -%}
    with assigned as {{ 'not materialized ' if is_table }}(

        {{ assigned }}

    ),

    sizes as (

        {{ mallard._sizes('assigned', weight, value_column) }}

    ),

    shares as (

        select
            segment_id,
            segment_name,
            n_customers,
            mallard__count / {{ mallard._of_all_segments('mallard__count') }} as share,
            {%- if centroids %}
            stability,
            {%- endif %}
            cast({{ mallard._literal(mallard._word(value_column, words)) if value_column else 'null' }} as varchar) as value_label,
            {%- if value_column %}
            {%- set of_all = mallard._of_all_segments('total_value') %}
            total_value,
            case when {{ of_all }} > 0 then total_value / {{ of_all }} end as share_of_value
            {%- else %}
            cast(null as double) as total_value,
            cast(null as double) as share_of_value
            {%- endif %}
        from sizes
        {%- if centroids %}
        inner join (select segment_id, segment_stability as stability from {{ centroids.relation }}) using (segment_id)
        {%- endif %}

    ),

    profiles as (

        {{ queries | join(' union all ') }}

    )

    select
        shares.*,
        profiles.* exclude (segment_id, place)
    from shares
    inner join profiles using (segment_id)
    order by segment_id asc, place asc
{%- endmacro %}

{% macro _profiles_of_numbers(numbers, features, are_directions, words) -%}
    {%- set for_means, for_deviations, for_medians, places = [], [], [], {} -%}
    {%- for feature in numbers -%}
        {%- do for_means.append(mallard._for_means(feature)) -%}
        {%- do for_deviations.append(mallard._for_deviations(feature)) -%}
        {%- do for_medians.append([feature.expression, 0.5]) -%}
    {%- endfor -%}
    {%- for feature in numbers -%}
        {%- set position = mallard._position(feature, are_directions) -%}
        {%- if position -%}
            {%- do places.update({feature.name: for_means | length}) -%}
            {%- do for_means.append(mallard._for_means({'expression': position})) -%}
            {%- do for_deviations.append(mallard._for_deviations({'expression': position})) -%}
        {%- endif -%}
    {%- endfor -%}
    select
        segment_id,
        unnest([
            {%- for feature in numbers %}
            {%- set n = loop.index0 %}
            {%- set place = places.get(feature.name, n) %}
            {
                'place': {{ features.features.index(feature) }},
                'feature': {{ mallard._literal(feature.name) }},
                'label': {{ mallard._literal(mallard._word(feature.name, words)) }},
                'mean': of_segments.filler_{{ n }},
                'median': medians.mallard__quantile_{{ n }},
                'overall_mean': everybody.center_{{ n }},
                'overall_median': overall_medians.mallard__quantile_{{ n }},
                'z_score': (of_segments.filler_{{ place }} - everybody.center_{{ place }}) / nullif(everybody.spread_{{ place }}, 0),
                'representatives': cast(null as varchar)
            }{{ ',' if not loop.last }}
            {%- endfor %}
        ], recursive := true)
    from ({{ mallard._statistics('assigned', dict(features, features=for_means), 'segment_id') }}) as of_segments
    cross join ({{ mallard._statistics('assigned', dict(features, features=for_deviations)) }}) as everybody
    left join ({{ mallard._quantiles('assigned', for_medians, features.weight, 'segment_id') }}) as medians using (segment_id)
    cross join ({{ mallard._quantiles('assigned', for_medians, features.weight) }}) as overall_medians
{%- endmacro %}

{# A vector has too many positions to say something of each: those who are near the centroid speak for it. #}
{% macro _profiles_of_vector(vector, features, id, words) -%}
    select
        segment_id,
        {{ features.features.index(vector) }} as place,
        {{ mallard._literal(vector.name) }} as feature,
        {{ mallard._literal(mallard._word(vector.name, words)) }} as label,
        cast(null as double) as mean,
        cast(null as double) as median,
        cast(null as double) as overall_mean,
        cast(null as double) as overall_median,
        cast(null as double) as z_score,
        array_to_string({{ mallard._representatives(id) }}, ', ') as representatives
    from assigned
    group by segment_id
{%- endmacro %}

{# Where customers are along a feature, up to a shift and a factor, if that isn't its value: segments were found there. Features without
   statistics have no scale. #}
{% macro _position(of, are_directions) -%}
    {%- if are_directions -%}
        {{ return(mallard._quoted('mallard__scaled_' ~ of.name)) }}
    {%- elif 'center' in of and (mallard._scale_of(of).value != '{}' or of.filler is not none) -%}
        {{ return(mallard._filled_in(of)) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
