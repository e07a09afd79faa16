"""What dbt-spark's adapter gets besides: translated SQL, small tables that the driver holds, and Python models."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any

from dbt.adapters.base import PythonJobHelper
from dbt.adapters.contracts.connection import Connection
from dbt.adapters.spark import SparkAdapter, SparkConnectionManager, SparkCredentials
from dbt_common.clients.agate_helper import table_from_data_flat
from dbt_common.exceptions import DbtRuntimeError
from sqlglot import Expr

from mallard.engines.spark.dialect import spark_expressions, spark_sql, spark_tree, text_of
from mallard.engines.spark.driver import driver_of, forget, show_rows
from mallard.engines.spark.problems import check_environment, check_session, explained
from mallard.engines.spark.session import EngineError, Session, first_line, open_session
from mallard.engines.spark.small_tables import with_small_tables
from mallard.errors import MallardError

if TYPE_CHECKING:
    from agate import Table
    from pyspark.sql import SparkSession

METHOD = "session"
"""Of dbt-spark, to reach Spark; and ours, to run Python models."""
OPEN = SparkConnectionManager.open.__func__
HELPERS = SparkAdapter.python_submission_helpers.fget
DEFAULT_METHOD = SparkAdapter.default_python_submission_method.fget
NOISE = (
    ("PySpark does not yet fully support pandas", FutureWarning),
    ("Failed to set spark", UserWarning),  # Connect, of each setting of a session that it can't change
)
STATEMENT = re.compile(r"\s*(--[^\n]*\n\s*)*(with|select|from|create|insert|update|delete|drop|alter)\b", re.IGNORECASE)

MOST_ROWS = 10_000
"""A table with more isn't small."""
_numbers = count(1)


def extend_adapter() -> None:
    """Register what macros of Mallard call on Spark, and the runner of Python models. A second time changes nothing.

    Raises:
        DbtRuntimeError: Spark can't be started here, in one line.
    """
    with _one_line():
        check_environment()
    for method in (mallard_sql, mallard_ready, mallard_rows, mallard_keep, mallard_forget):
        setattr(SparkAdapter, method.__name__, method)
        SparkAdapter._available_ = SparkAdapter._available_ | {method.__name__}
    SparkAdapter.python_submission_helpers = property(lambda adapter: {**HELPERS(adapter), METHOD: InThisSession})
    SparkAdapter.default_python_submission_method = property(
        lambda adapter: METHOD if adapter.config.credentials.method == METHOD else DEFAULT_METHOD(adapter)
    )
    SparkConnectionManager.open = classmethod(_open)
    for message, kind in NOISE:
        warnings.filterwarnings("ignore", message, kind)


def _open(manager: type[SparkConnectionManager], connection: Connection) -> Connection:
    """Open a connection, and with it the session that dbt-spark opens with its first statement."""
    opened = OPEN(manager, connection)
    if opened.credentials.method == METHOD:
        with _one_line():
            check_session(_session_of(opened.credentials))
    return opened


def mallard_sql(adapter: SparkAdapter, text: str, scratch: str | None = None) -> str:
    """A statement or part of one, in Mallard's SQL, as Spark's.

    Args:
        scratch: see `mallard.engines.spark.dialect.spark_sql`.
    """
    with _one_line():
        return spark_sql(text, scratch) if STATEMENT.match(text) else spark_expressions(text)


def mallard_ready(adapter: SparkAdapter, text: str, scratch: str) -> str:
    """The same for a statement that runs now, with its small tables in views."""
    with _one_line():
        return text_of(_settled(text, Session(_session_of(adapter.config.credentials), scratch)))


def mallard_rows(adapter: SparkAdapter, text: str, scratch: str) -> Table | None:
    """What a statement in Mallard's SQL returns, as dbt has it, if it reads small tables alone; otherwise None."""
    with _one_line():
        driver = driver_of(scratch)
        if not driver.can_run(text):
            return None
        result = driver.run(text)
        names = [name for name, *_ in result.description or ()]
        return table_from_data_flat([dict(zip(names, row, strict=True)) for row in result.fetchall()], names)


def mallard_keep(adapter: SparkAdapter, name: str, query: str, scratch: str) -> None:
    """Have the driver hold the rows of a query as they are now, as a small table.

    Args:
        query: in Mallard's SQL.
    """
    with _one_line():
        driver = driver_of(scratch)
        if driver.can_run(query):
            driver.run(f"create or replace temp table {name} as {query}")
        else:
            session = Session(_session_of(adapter.config.credentials), scratch)
            driver.write(name, session.spark.sql(text_of(_settled(query, session))).toArrow())


def mallard_forget(adapter: SparkAdapter, scratch: str) -> None:
    """Drop the small tables and the temporary views of a model."""
    forget(scratch)
    spark = _session_of(adapter.config.credentials)
    for table in spark.catalog.listTables():
        if table.isTemporary and table.name.startswith(f"{scratch}__"):
            spark.catalog.dropTempView(table.name)


def _session_of(credentials: SparkCredentials) -> SparkSession:
    """The session in which dbt-spark runs SQL."""
    return open_session(credentials.server_side_parameters or {})


def _settled(text: str, session: Session) -> Expr:
    """A statement in Mallard's SQL as Spark's, of which the small tables are there already."""

    def keep(query: Expr) -> str | None:
        rows = session.spark.sql(text_of(query)).limit(MOST_ROWS + 1).toArrow()
        if len(rows) > MOST_ROWS:
            return None
        name = f"{session.scratch}__small_{next(_numbers)}"
        show_rows(session.spark, rows, name)
        return name

    session.show(text)
    return with_small_tables(spark_tree(text, session.scratch), keep)


class InThisSession(PythonJobHelper):
    """Runs Python models in the session in which dbt-spark runs SQL."""

    def __init__(self, parsed_model: dict[str, Any], credentials: SparkCredentials) -> None:
        self._credentials = credentials

    def submit(self, compiled_code: str) -> None:
        """Run the code, in which `spark` is the session."""
        with _one_line():
            exec(compile(compiled_code, "<model>", "exec"), {"spark": _session_of(self._credentials)})


@contextmanager
def _one_line() -> Iterator[None]:
    """Hand refusals to dbt as errors of its own, which it prints without a traceback."""
    try:
        yield
    except MallardError as refusal:
        raise DbtRuntimeError(f"mallard: {refusal}") from None
    except EngineError as error:
        said = explained(error)
        raise DbtRuntimeError(first_line(error) if said is None else f"mallard: {said}") from None
