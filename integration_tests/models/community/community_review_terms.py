"""One row per term of the reviews, as they were when the terms were first fitted."""

from mallard.dbt_model import fit_text_terms


def model(dbt, session):
    dbt.config(materialized="incremental")
    kept = session.sql(f"select * from {dbt.this}") if dbt.is_incremental else None
    return fit_text_terms(dbt.ref("community_reviews"), dbt.config.meta_get("mallard"), kept)
