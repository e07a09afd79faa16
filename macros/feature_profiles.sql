{% macro feature_profiles(customers, features) -%}
    {{ return(adapter.dispatch('feature_profiles', 'mallard')(customers, features)) }}
{%- endmacro %}

{# Sums are exact, so that their last digit doesn't depend on the order of the rows. #}
{% macro default__feature_profiles(customers, features) -%}
    {%- set unscaled = [] -%}
    {%- for feature in features -%}
        {%- do unscaled.append(dict(feature, scale='standard', fill='none')) -%}
    {%- endfor -%}
    with assigned as (

        select * from {{ customers }}
        where segment_id is not null

    ),

    scales as (

        select
            count(*) as mallard__n_customers,
            {%- for feature in features %}
            {{ mallard.sum_scale('max(abs(' ~ feature.expression ~ '))') }} as mallard__scale_{{ loop.index }}{{ ',' if not loop.last }}
            {%- endfor %}
        from assigned

    ),

    by_segment as (

        select
            segment_id,
            any_value(segment_name) as segment_name,
            count(*) as n_customers,
            count(*) / any_value(mallard__n_customers) as share,
            {%- for feature in features %}
            {{ mallard.exact_sum(feature.expression, 'mallard__scale_' ~ loop.index) }} / count({{ feature.expression }}) as mean_{{ loop.index }}{{ ',' if not loop.last }}
            {%- endfor %}
        from assigned
        cross join scales
        group by segment_id

    ),

    everybody as (

        {{ mallard.feature_statistics('assigned', unscaled) }}

    ),

    profiles as (

        select
            segment_id,
            segment_name,
            n_customers,
            share,
            unnest([
                {%- for feature in features %}
                {%- set center, spread = mallard._quoted(feature.name ~ '_center'), mallard._quoted(feature.name ~ '_spread') %}
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
