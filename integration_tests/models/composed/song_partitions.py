"""One row per segment of every number of clusters tried."""

from mallard.dbt_model import fit_segments


def model(dbt, session):
    return fit_segments(dbt.ref("int_songs__features"), dbt.config.meta_get("mallard"), this=dbt.this)
