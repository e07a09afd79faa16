-- One row per customer, with each feature scaled as scaled_<feature>.
{% set statistics = mallard.load_statistics(ref('feature_statistics')) %}

with customers as (

    select * from {{ source('benchmark', 'customers') }}

),

scaled as (

    select
        *,
        {{ mallard.scaled_features(statistics) }}
    from customers

)

select * from scaled
