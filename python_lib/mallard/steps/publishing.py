"""The Python step of the hook that publishes tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mallard.errors import MallardError
from mallard.failures import explanation
from mallard.inputs.values import COLUMNS, shown
from mallard.steps.cancelling import stopped_with_dbt
from mallard.steps.terminal import log

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from mallard.engines.engine import Connection
    from mallard.publish.place import Place
    from mallard.publish.publish import Table


def publish_tables(
    connection: Connection,
    tables: Sequence[Mapping[str, Any]],
    macros: Sequence[Mapping[str, Any]],
    file: Any,
    run_id: str,
    copies: Any,
    scratch: str | None = None,
) -> None:
    """Publish tables and macros, and write into the table mallard__published what keeps them from it, or null.

    Args:
        tables: the fields of each, see `mallard.publish.publish.Table`.
        macros: the fields of each, see `mallard.publish.macros.Macro`.
        file: where to, from the project's folder, as given in the variable mallard_publish.
        run_id: the run that made them.
        copies: the variable mallard_copies.
        scratch: see `mallard.engines.engine.session_of`.
    """
    from dbt.adapters.factory import get_adapter_by_type

    from mallard.engines.duckdb.session import EngineError, first_line
    from mallard.engines.engine import is_of_spark, session_of
    from mallard.publish.copies import remove_copies
    from mallard.publish.macros import Macro
    from mallard.publish.place import explained, find_place
    from mallard.publish.publish import Table, publish

    refusal = None
    try:
        with stopped_with_dbt():
            if not isinstance(file, str):
                raise MallardError("give the file as text, in {<target>: <file>, ...}.")
            if not isinstance(copies, list) or not all(isinstance(kind, str) for kind in copies):
                raise MallardError(f"setting mallard_copies is {shown(copies)}: give a list of parquet and csv.")
            for table in tables:
                if not COLUMNS.include(table["exclude"]):
                    raise MallardError(
                        f"setting publish_exclude of {table['name']} is {shown(table['exclude'])}: {COLUMNS.remedy}."
                    )
            root = get_adapter_by_type("spark" if is_of_spark(connection) else "duckdb").config.project_root
            place = find_place(file, Path(root))
            with _read_by_duckdb(connection, [Table(**table) for table in tables], place) as (of_duckdb, named):
                publish(of_duckdb, named, place, run_id, copies, [Macro(**macro) for macro in macros])
        log(f"{len(tables)} {'table' if len(tables) == 1 else 'tables'} published in {file}")
        if not copies and remove_copies(place):
            log(f"the copies in {place.folder} were of an earlier run and are removed: mallard_copies asks for none")
    except KeyboardInterrupt:
        log(f"stopped before {file} was published; it stays as it is")
        raise
    except MallardError as error:
        refusal = f"{file} can't be published: {error}"
    except OSError as error:
        refusal = f"{file} can't be published: {explained(error)}"
    except MemoryError as error:
        refusal = f"{file} can't be published: {explanation(error)}"
    except EngineError as error:
        refusal = f"{file} can't be published: {explanation(error) or first_line(error)}"
    session_of(connection, scratch).query(
        'create or replace temp table mallard__published as select cast(? as varchar) as "refusal"', [refusal]
    )


def _read_by_duckdb(
    connection: Connection, tables: Sequence[Table], place: Place
) -> AbstractContextManager[tuple[DuckDBPyConnection, Sequence[Table]]]:
    """A connection on which DuckDB reads the tables, and their names there."""
    from mallard.engines.engine import is_of_spark

    if not is_of_spark(connection):
        return nullcontext((connection, tables))
    from mallard.publish.from_spark import copied_from_spark

    return copied_from_spark(connection, tables, place)
