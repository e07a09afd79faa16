{% macro feature_profiles(customers, features, id=none, segments=none) -%}
    {{ return(adapter.dispatch('feature_profiles', 'mallard')(customers, features, id, segments)) }}
{%- endmacro %}

{# Sums are exact, so that their last digit doesn't depend on the order of the rows. #}
{% macro default__feature_profiles(customers, features, id, segments) -%}
    {%- set weight = features.weight -%}
    {%- set numbers = features.features | rejectattr('size') | list -%}
    {%- set queries = [] -%}
    {%- if numbers -%}{%- do queries.append(mallard._profiles_of_numbers(numbers, features)) -%}{%- endif -%}
    {%- for vector in features.features | selectattr('size') -%}
        {%- do queries.append(mallard._profiles_of_vector(vector, features, id)) -%}
    {%- endfor -%}
    with assigned as (

        select * from {{ customers }}
        where segment_id is not null

    ),

    sizes as (

        select
            segment_id,
            any_value(segment_name) as segment_name,
            count(*) as n_customers,
            {{ mallard._count('segment_id', weight) }} as mallard__count
        from assigned
        {%- if weight %}
        inner join (
            select segment_id, {{ mallard.sum_scale('max(' ~ weight ~ ')') }} as mallard__weight_scale
            from assigned
            group by segment_id
        ) using (segment_id)
        {%- endif %}
        group by segment_id

    ),

    shares as (

        select
            segment_id,
            segment_name,
            n_customers,
            cast(mallard__count as double)
                / sum(mallard__count) over (order by segment_id asc rows between unbounded preceding and unbounded following) as share
            {%- if segments %},
            stability
            {%- endif %}
        from sizes
        {%- if segments %}
        inner join (select segment_id, segment_stability as stability from {{ segments }}) using (segment_id)
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

{% macro _profiles_of_numbers(numbers, features) -%}
    {%- set for_means, for_deviations = [], [] -%}
    {%- for feature in numbers -%}
        {%- do for_means.append(mallard._for_means(feature)) -%}
        {%- do for_deviations.append(mallard._for_deviations(feature)) -%}
    {%- endfor -%}
    select
        segment_id,
        unnest([
            {%- for feature in numbers %}
            {%- set n = loop.index0 %}
            {
                'place': {{ features.features.index(feature) }},
                'feature': {{ mallard._literal(feature.name) }},
                'mean': of_segments.filler_{{ n }},
                'overall_mean': everybody.center_{{ n }},
                'z_score': (of_segments.filler_{{ n }} - everybody.center_{{ n }}) / nullif(everybody.spread_{{ n }}, 0),
                'representatives': cast(null as varchar)
            }{{ ',' if not loop.last }}
            {%- endfor %}
        ], recursive := true)
    from ({{ mallard._statistics('assigned', dict(features, features=for_means), 'segment_id') }}) as of_segments
    cross join ({{ mallard._statistics('assigned', dict(features, features=for_deviations)) }}) as everybody
{%- endmacro %}

{# A vector has too many positions to say something of each: those who are near the centroid speak for it. #}
{% macro _profiles_of_vector(vector, features, id) -%}
    select
        segment_id,
        {{ features.features.index(vector) }} as place,
        {{ mallard._literal(vector.name) }} as feature,
        cast(null as double) as mean,
        cast(null as double) as overall_mean,
        cast(null as double) as z_score,
        array_to_string({{ mallard._representatives(id) }}, ', ') as representatives
    from assigned
    group by segment_id
{%- endmacro %}

{# A feature whose filler is the mean of its values. #}
{% macro _for_means(feature) -%}
    {{ return(dict(feature, scale='none', fill='mean')) }}
{%- endmacro %}

{# A feature whose center is the mean of its values, and whose spread is their standard deviation. #}
{% macro _for_deviations(feature) -%}
    {{ return(dict(feature, scale='standard', fill='none')) }}
{%- endmacro %}
