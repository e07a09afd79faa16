-- One row per used customer, with each feature scaled as scaled_<feature>.
{% set statistics = mallard.load_statistics(ref('int_mall__feature_statistics')) %}

with customers as (

    select * from {{ ref('stg_mall__customers') }}

),

scaled as (

    select
        customer_id,
        gender,
        age,
        annual_income,
        spending_score{{ ',' if statistics.features }}
        {{ mallard.scaled_features(statistics) }}
    from customers

)

select * from scaled
