-- One row per used customer, with each feature scaled as scaled_<feature>.
{% set features = var('mallard_features') %}
{% set scaling = var('mallard_scaling') %}

with customers as (

    select * from {{ ref('stg_mall__customers') }}

),

statistics as (

    select
        {%- for feature in features %}
        {{ mallard.feature_center(feature, scaling) }} as {{ feature }}_center,
        {{ mallard.feature_spread(feature, scaling) }} as {{ feature }}_spread{{ ',' if not loop.last }}
        {%- endfor %}
    from customers

),

scaled as (

    select
        customers.*,
        {%- for feature in features %}
        cast(
            (customers.{{ feature }} - statistics.{{ feature }}_center) / nullif(statistics.{{ feature }}_spread, 0) as double
        ) as scaled_{{ feature }}{{ ',' if not loop.last }}
        {%- endfor %}
    from customers
    cross join statistics

)

select * from scaled
