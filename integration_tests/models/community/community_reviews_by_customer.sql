-- One row per customer with an account: how many reviews the customer wrote, and how good they are.
{{
    mallard.review_features(
        ref('community_reviews'),
        customer_id='customer_id',
        at='reviewed_at',
        rating='rating',
        text='text',
        customers=ref('community_accounts'),
        as_of='2026-06-30',
    )
}}
