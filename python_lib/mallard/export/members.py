"""Write the customers of some segments into a file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from mallard.engines.duckdb.database import Database, opened
from mallard.errors import MallardError
from mallard.export.segments import Segment, chosen_segments, segments_of
from mallard.files import replacing
from mallard.inputs.values import listed
from mallard.labels import plain
from mallard.nouns import noun
from mallard.publish.copies import COPIES
from mallard.sql.spreadsheets import spreadsheet_columns_sql
from mallard.sql.text import folded, quoted
from mallard.tables.find import one_with_customers, selected_row

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""Without it, Excel reads a CSV file in the code page of the country, and "Zoë" becomes "ZoÃ«"."""

UNNAMED = "row"
"""What the metrics call a row isn't known without them."""


class Written(NamedTuple):
    """What was written.

    Attributes:
        members: how many there are, such as "1,204 customers".
        personal_data: what the file contains of them.
    """

    file: Path
    members: str
    segments: list[Segment]
    personal_data: str


def write_members(
    database: Path,
    file: Path,
    segmentation: str | None,
    segments: Sequence[str],
    columns: Sequence[str] = (),
    group: str | None = None,
) -> Written:
    """Write a row for each customer of the segments, in the order of the first column of the table.

    The whole file takes the place of an older one, or that one stays.

    Args:
        database: a DuckDB file, or a folder with copies of its tables.
        file: its ending decides what it is, CSV or Parquet.
        segmentation: see `mallard.tables.find.one_with_customers`.
        segments: an id or a name each.
        columns: the columns to write, in this order; all of them if none is named.
        group: see `mallard.tables.find.one_segmentation`.

    Raises:
        MallardError: there is no such database, segmentation, segment or column, or the file can't be written.
    """
    kind = _kind_of(file)
    _check_place(database, file)
    with opened(database) as tables:
        found = one_with_customers(tables, segmentation, group)
        rows_are = noun(selected_row(tables, found)["entity"] if "metrics" in found.beside else UNNAMED)
        customers = found.customers
        there = segments_of(tables, customers)
        if not there:
            raise MallardError(
                f"{plain(found.name)} has no {rows_are.one} with a segment: run dbt build without --empty."
            )
        chosen = chosen_segments(there, segments, rows_are)
        kinds = {name: of for name, of, *_ in tables.tuples(f"describe {customers}")}
        written = _written_columns(kinds, columns)
        first = next(iter(kinds))
        rows = (
            f"from {customers} as mallard__members "
            f"where mallard__members.segment_id in ({', '.join(str(segment.id) for segment in chosen)}) order by "
            # The first column may not be unique. Rows that are the same in all of these are the same in the file.
            + ", ".join(f"mallard__members.{quoted(name)} asc nulls last" for name in dict.fromkeys([first, *written]))
        )
        with replacing(file) as unfinished:
            n_rows = _copy(tables, kind, {name: kinds[name] for name in written}, rows, unfinished)
    members = f"{n_rows:,} {rows_are.one if n_rows == 1 else rows_are.many}"
    has_ids = f"ids and values of {members}."
    has_none = f"values of {members}, without {plain(first)}. Values can identify a person, too."
    return Written(file, members, chosen, f"this file contains {has_ids if first in written else has_none}")


def _kind_of(file: Path) -> str:
    kind = file.suffix.lower().removeprefix(".")
    if kind not in COPIES:
        endings = " or ".join(f".{kind}" for kind in sorted(COPIES))
        raise MallardError(f"output {file} has the ending of no file that can be written: choose {endings}.")
    return kind


def _check_place(database: Path, file: Path) -> None:
    """Refuse to write among copies, which are replaced as a whole, and maybe over one of them."""
    if database.is_dir() and database.resolve() == file.resolve().parent:
        raise MallardError(f"output {file} would be among the copies in {database}: choose another folder.")


def _written_columns(kinds: dict[str, str], asked: Sequence[str]) -> list[str]:
    """The names of the columns to write, as the table spells them."""
    names = {folded(name): name for name in kinds}
    for name in asked:
        if folded(name) not in names:
            raise MallardError(f"there is no column {name}: choose from {listed(list(map(plain, kinds)))}.")
    return list(dict.fromkeys(names[folded(name)] for name in asked)) or list(kinds)


def _copy(tables: Database, kind: str, kinds: dict[str, str], rows: str, file: Path) -> int:
    """Write the rows; their number."""
    if kind == "parquet":
        return tables.copy(f"select {', '.join(map(quoted, kinds))} {rows}", file, COPIES[kind])
    tables.tuples("set session TimeZone = 'UTC'")  # so that the texts of moments are the same everywhere
    columns = spreadsheet_columns_sql(kinds, BYTE_ORDER_MARK)
    n_rows = tables.copy(f"select {columns} {rows}", file, COPIES[kind])
    _put_mark_first(file)
    return n_rows


def _put_mark_first(file: Path) -> None:
    """Put the mark before the quotation mark of the first heading, if it has one."""
    mark = BYTE_ORDER_MARK.encode()
    with file.open("r+b") as written:
        if written.read(1 + len(mark)) == b'"' + mark:
            written.seek(0)
            written.write(mark + b'"')
