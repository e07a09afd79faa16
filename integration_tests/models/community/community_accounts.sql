-- One row per customer with an account in the community: what the others do there is unknown.
select customer_id from {{ ref('community_customers') }}
where has_account
