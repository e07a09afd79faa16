-- One row per customer with an account: what the customer did in the community.
{{
    mallard.activity(
        ref('community_activity'),
        customer_id='customer_id',
        at='happened_at',
        kind='kind',
        kinds=['post', 'like', 'follow', 'referral'],
        customers=ref('community_accounts'),
        as_of='2026-06-30',
    )
}}
