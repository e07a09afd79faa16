"""One row per customer with an account, with what the customer writes about as a vector."""

from mallard.dbt_model import text_vectors


def model(dbt, session):
    return text_vectors(
        dbt.ref("community_reviews"), dbt.ref("community_review_terms"), customers=dbt.ref("community_accounts")
    )
