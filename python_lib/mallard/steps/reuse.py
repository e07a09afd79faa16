"""Rows of a Python model that are there already: what the same code would make of the same input."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from mallard.sql.text import quoted
from mallard.steps.terminal import is_empty_run, is_full_refresh, log

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyRelation

    from mallard.engines.engine import Relation

FINGERPRINT = "input_fingerprint"
"""The column that says what the rows were made of; null on Spark, and if a model doesn't hand over its table."""
CUSTOMERS = "mallard__customers"
"""What the query of the fingerprint calls the customers."""
LIBRARY = Path(__file__).parents[1]
PACKAGES = ("tensorflow", "tensorflow-cpu", "numpy", "scipy", "scikit-learn", "kmedoids")
"""Those whose versions may say something about the rows."""


def reused(
    customers: Relation, columns: Sequence[str], settings: Any, this: object | None, make: Callable[[], pa.Table]
) -> pa.Table:
    """The rows that are in the table of a model, if they were made of the same input; otherwise new ones.

    On Spark they are always new: dbt-spark drops the table before the model runs.

    Args:
        columns: those of the customers that the rows depend on.
        settings: everything else that they depend on; its `repr` says all of it.
        this: the table of the model, `dbt.this`. None: rows are always new.
        make: returns new rows.

    Returns:
        The rows, with the column `FINGERPRINT`.
    """
    from mallard.engines.engine import is_of_spark

    is_compared = this is not None and not is_empty_run() and not is_of_spark(customers)
    fingerprint = _fingerprint(customers, columns, settings) if is_compared else None
    if fingerprint is not None and not is_full_refresh():
        from mallard.engines.duckdb.rows import rows_where

        there = rows_where(cast("DuckDBPyRelation", customers), str(this), f"{FINGERPRINT} = '{fingerprint}'")
        if there is not None and len(there):
            log("nothing to compute: the rows that are there were made of the same customers with the same settings")
            return there
    rows = make()
    import pyarrow as pa

    return rows.append_column(FINGERPRINT, pa.array([fingerprint] * len(rows), pa.string()))


def _fingerprint(customers: Relation, columns: Sequence[str], settings: Any) -> str:
    """Another one if any customer changes, a setting, or the code that computes, but not with the order of rows."""
    from mallard.engines.engine import query_on

    # A sum, because two equal rows would cancel each other in a bit_xor.
    hashes = f"cast(hash({', '.join(map(quoted, columns))}) as decimal(38, 0))"
    rows = query_on(customers, CUSTOMERS, f"select count(*), sum({hashes}) from {CUSTOMERS}")
    found = sha256(repr((rows, columns, settings, list(_versions()))).encode())
    for file in sorted(LIBRARY.rglob("*.py")):
        found.update(file.read_bytes())
    return found.hexdigest()


def _versions() -> Iterable[str | None]:
    for package in PACKAGES:
        try:
            yield version(package)
        except PackageNotFoundError:
            yield None
