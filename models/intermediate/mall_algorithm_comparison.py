"""One row per algorithm and number of clusters."""

from mallard.dbt_model import compare_algorithms


def model(dbt, session):
    return compare_algorithms(dbt.ref("int_mall__scaled_segments"), dbt.config.meta_get("mallard"), this=dbt.this)
