-- One row per customer that can be used.
select
    customer_id,
    gender,
    age,
    annual_income,
    spending_score
from {{ ref('base_mall__customers') }}
where reject_reason is null
