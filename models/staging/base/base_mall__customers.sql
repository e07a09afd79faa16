-- One row per row of the seed, with its values and, if it can't be used, the reason.
{% set features = mallard.checked_features(var('mallard_features'), 'stg_mall__customers', id_column='customer_id') %}
{% set columns = mallard.checked_columns(
    var('mallard_columns'), ['customer_id', 'gender', 'age', 'annual_income', 'spending_score'], ref('mall_customers')
) %}

with source as (

    select * from {{ ref('mall_customers') }}

),

trimmed as (

    select
        {{ mallard.trimmed(columns.customer_id) }} as customer_id_text,
        {{ mallard.trimmed(columns.gender) }} as gender_text,
        {{ mallard.trimmed(columns.age) }} as age_text,
        {{ mallard.trimmed(columns.annual_income) }} as annual_income_text,
        {{ mallard.trimmed(columns.spending_score) }} as spending_score_text
    from source

),

parsed as (

    select
        *,
        {{ mallard.parse_whole_number('customer_id_text') }} as customer_id,
        case
            when lower(gender_text) in ('female', 'f') then 'Female'
            when lower(gender_text) in ('male', 'm') then 'Male'
        end as gender,
        {{ mallard.parse_number('age_text') }} as age,
        {{ mallard.parse_number('annual_income_text') }} as annual_income,
        {{ mallard.parse_number('spending_score_text') }} as spending_score
    from trimmed

),

compared as (

    select
        *,
        row_number() over same_data_in_order as copy_number,
        count(*) over same_id > count(*) over same_data as has_other_data
    from parsed
    window
        same_id as (partition by customer_id),
        same_data as (partition by customer_id, gender, age, annual_income, spending_score),
        -- hex, because a database may compare texts in another way than by their characters.
        same_data_in_order as (
            partition by customer_id, gender, age, annual_income, spending_score
            order by
                hex(gender_text) asc nulls last,
                hex(age_text) asc nulls last,
                hex(annual_income_text) asc nulls last,
                hex(spending_score_text) asc nulls last,
                hex(customer_id_text) asc nulls last
        )

),

judged as (

    select
        *,
        concat_ws(
            '; ',
            case
                when customer_id is null then 'customer_id is missing or not a whole number'
                when has_other_data then 'customer_id is repeated with other data'
                when copy_number > 1 then 'duplicate of another row'
            end,
            case
                when annual_income is null then 'annual_income is missing or not a number'
                when annual_income < 0 then 'annual_income is negative'
            end,
            case
                when spending_score is null then 'spending_score is missing or not a number'
                when spending_score not between 1 and 100 then 'spending_score is outside 1..100'
            end,
            case
                when age not between 0 and 120 then 'age is outside 0..120'
                {%- if 'age' in features %}
                when age is null then 'age is missing or not a number, and is a feature'
                {%- endif %}
            end
        ) as reasons
    from compared

)

select
    customer_id_text,
    gender_text,
    age_text,
    annual_income_text,
    spending_score_text,
    customer_id,
    gender,
    cast(floor(case when age between 0 and 120 then age end) as integer) as age,
    annual_income,
    spending_score,
    nullif(reasons, '') as reject_reason
from judged
