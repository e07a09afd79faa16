"""Export a segmentation for programs that have no DuckDB."""

from __future__ import annotations

from pathlib import Path

from mallard.engines.duckdb.database import opened
from mallard.errors import MallardError
from mallard.export.formats import FORMATS, Exported
from mallard.files import replacing, replacing_folder
from mallard.inputs.values import listed
from mallard.tables.find import one_segmentation
from mallard.tables.stored import read_stored

SAVED_MODEL = "saved_model.pb"
"""The file by which a folder is known as a SavedModel."""


def export_segmentation(
    database: Path,
    segmentation: str | None,
    format: str,
    output: Path,
    dialect: str | None = None,
    relation: str | None = None,
    group: str | None = None,
) -> int:
    """Write the current version of a segmentation; the size of what is written, in bytes.

    What is whole takes the place of an older export, or that one stays.

    Args:
        database: a DuckDB file, or a folder with copies of its tables.
        segmentation: see `mallard.tables.find.one_segmentation`.
        format: one of `mallard.export.formats.FORMATS`.
        output: a file with the ending of the format, or a folder for a SavedModel.
        dialect: of the SQL, for the format sql.
        relation: the table that the SQL reads, for the format sql.
        group: see `mallard.tables.find.one_segmentation`.

    Raises:
        MallardError: there is no such segmentation, or it can't be written in this format or to this place.
    """
    _check_options(format, dialect, relation)
    _check_output(format, output)
    with opened(database) as tables:
        found = one_segmentation(tables, segmentation, group)
        exported = Exported(tables, found, read_stored(tables, found), dialect, relation)
        _check_rules(exported, format)
        with (replacing if FORMATS[format].ending else replacing_folder)(output) as unfinished:
            FORMATS[format].write(exported, unfinished)
    files = output.rglob("*") if output.is_dir() else [output]
    return sum(file.stat().st_size for file in files if file.is_file())


def _check_options(format: str, dialect: str | None, relation: str | None) -> None:
    for name, value in (("dialect", dialect), ("relation", relation)):
        if value is not None and format != "sql":
            raise MallardError(f"{name} {value} is for the format sql, and this is {format}: leave it out.")


def _check_rules(exported: Exported, format: str) -> None:
    if exported.stored.rules and not FORMATS[format].has_rules:
        others = listed([name for name, of in FORMATS.items() if of.has_rules])
        raise MallardError(
            f"setting assignment of {exported.stored.name} is rules, and {format} has only centroids: choose from "
            f"{others}."
        )


def _check_output(format: str, output: Path) -> None:
    """Refuse what isn't called as the format, and to replace what isn't one."""
    ending = FORMATS[format].ending
    if output.suffix.lower() != ending:
        wanted = f"a file that ends in {ending}" if ending else "a folder, without an ending"
        raise MallardError(f"output {output} can't be of format {format}: name {wanted}.")
    if ending:
        if output.is_dir():
            raise MallardError(f"output {output} is a folder: name a file.")
    elif output.exists() and not (output / SAVED_MODEL).is_file() and not _is_empty(output):
        raise MallardError(f"output {output} is there and no SavedModel: move it away, or choose another folder.")


def _is_empty(path: Path) -> bool:
    return path.is_dir() and not any(path.iterdir())
