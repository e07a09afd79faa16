{% macro feature_profiles(customers, features) -%}
    {{ return(adapter.dispatch('feature_profiles', 'mallard')(customers, features)) }}
{%- endmacro %}

{# Sums are exact, so that their last digit doesn't depend on the order of the rows. #}
{% macro default__feature_profiles(customers, features) -%}
    {%- set weight = features.weight -%}
    {%- set unscaled = {'features': [], 'weight': weight} -%}
    {%- for feature in features.features -%}
        {%- do unscaled.features.append(dict(feature, scale='standard', fill='none')) -%}
    {%- endfor -%}
    with assigned as (

        select * from {{ customers }}
        where segment_id is not null

    ),

    scales as (

        select
            {{- mallard._weight_scales(weight) }}
            {%- for feature in features.features %}
            {%- set largest = mallard._weighted('max(abs(' ~ feature.expression ~ '))', weight and 'max(' ~ weight ~ ')') %}
            {{ mallard.sum_scale(largest) }} as mallard__scale_{{ loop.index }}{{ ',' if not loop.last }}
            {%- endfor %}
        from assigned

    ),

    by_segment as (

        select
            segment_id,
            any_value(segment_name) as segment_name,
            count(*) as n_customers,
            {{ mallard._count('segment_id', weight) }} as mallard__count,
            {%- for feature in features.features %}
            {%- set sum = mallard.exact_sum(mallard._weighted(feature.expression, weight), 'mallard__scale_' ~ loop.index) %}
            {{ sum }} / {{ mallard._count(feature.expression, weight) }} as mean_{{ loop.index }}{{ ',' if not loop.last }}
            {%- endfor %}
        from assigned
        cross join scales
        group by segment_id

    ),

    everybody as (

        {{ mallard._statistics('assigned', unscaled) }}

    ),

    profiles as (

        select
            segment_id,
            segment_name,
            n_customers,
            mallard__count / sum(mallard__count) over (order by segment_id rows between unbounded preceding and unbounded following) as share,
            unnest([
                {%- for feature in features.features %}
                {%- set center, spread = 'center_' ~ loop.index0, 'spread_' ~ loop.index0 %}
                {
                    'feature': {{ mallard._literal(feature.name) }},
                    'mean': mean_{{ loop.index }},
                    'overall_mean': {{ center }},
                    'z_score': (mean_{{ loop.index }} - {{ center }}) / nullif({{ spread }}, 0)
                }{{ ',' if not loop.last }}
                {%- endfor %}
            ], recursive := true)
        from by_segment
        cross join everybody

    )

    select * from profiles
    order by segment_id
{%- endmacro %}
