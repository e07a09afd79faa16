-- One row per usable customer.
{% do mallard.check_some_are_usable(ref('base_mall__customers'), 'mall_customers') %}

select
    customer_id,
    gender,
    age,
    annual_income,
    spending_score
from {{ ref('base_mall__customers') }}
where reject_reason is null
