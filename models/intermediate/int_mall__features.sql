-- One row per used customer, with each feature scaled as scaled_<feature>.
{% set features = mallard.features(var('mallard_features'), var('mallard_scale')) %}
{% set statistics = mallard.load_statistics(ref('int_mall__feature_statistics'), features) %}

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
