-- One row per row of the seed that can't be used.
select
    customer_id_text as customer_id,
    gender_text as gender,
    age_text as age,
    annual_income_text as annual_income,
    spending_score_text as spending_score,
    reject_reason
from {{ ref('base_mall__customers') }}
where reject_reason is not null
