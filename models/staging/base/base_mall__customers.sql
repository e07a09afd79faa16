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
        trim({{ mallard._quoted(columns.customer_id) }}) as customer_id_text,
        trim({{ mallard._quoted(columns.gender) }}) as gender_text,
        trim({{ mallard._quoted(columns.age) }}) as age_text,
        trim({{ mallard._quoted(columns.annual_income) }}) as annual_income_text,
        trim({{ mallard._quoted(columns.spending_score) }}) as spending_score_text
    from source

),

parsed as (

    select
        *,
        case
            when regexp_full_match(customer_id_text, '[+-]?[0-9]+([.]0*)?')
                then try_cast(regexp_replace(customer_id_text, '[.]0*$', '') as bigint)
        end as customer_id,
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
        row_number() over same_row as copy_number,
        count(distinct row(gender, age, annual_income, spending_score)) over same_id > 1 as has_other_data
    from parsed
    window
        same_id as (partition by customer_id),
        same_row as (
            partition by customer_id, gender, age, annual_income, spending_score
            order by
                gender_text collate posix asc nulls last,
                age_text collate posix asc nulls last,
                annual_income_text collate posix asc nulls last,
                spending_score_text collate posix asc nulls last,
                customer_id_text collate posix asc nulls last
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
