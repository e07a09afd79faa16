-- One row per usable customer.
select
    customer_id,
    gender,
    age,
    annual_income,
    spending_score
from {{ ref('base_mall__customers') }}
where reject_reason is null
