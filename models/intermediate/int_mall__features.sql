-- One row per used customer, with each feature scaled as scaled_<feature>.
{% set features = mallard.checked_features('stg_mall__customers', id_column='customer_id') %}

with customers as (

    select * from {{ ref('stg_mall__customers') }}

),

statistics as (

    select
        {{ mallard.feature_statistics(features, var('mallard_scaling')) }}
    from customers

),

scaled as (

    select
        customers.customer_id,
        customers.gender,
        customers.age,
        customers.annual_income,
        customers.spending_score,
        {{ mallard.scaled_features(features) }}
    from customers
    cross join statistics

)

select * from scaled
