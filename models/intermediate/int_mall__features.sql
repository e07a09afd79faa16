-- One row per used customer, with each feature scaled as scaled_<feature>.
{% set statistics = mallard.statistics(ref('int_mall__feature_statistics'), var('mallard_features')) %}

with customers as (

    select * from {{ ref('stg_mall__customers') }}

),

scaled as (

    select
        customer_id,
        gender,
        age,
        annual_income,
        spending_score,
        {{ mallard.scaled_features(statistics) }}
    from customers

)

select * from scaled
