"""Where a publication goes: what the path really means, whose file is there, and what surrounds it."""

from __future__ import annotations

import errno
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mallard.engines.duckdb.session import EngineError
from mallard.errors import MallardError
from mallard.sql.text import literal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PUBLICATION = "publication"
"""The table that says when and by which run a file was published. Only a file that has it is ever replaced."""
PUBLICATION_COLUMNS = ["published_at", "run_id"]
REMOTE = re.compile(r"[a-z][a-z0-9+.-]+:", re.IGNORECASE)
"""How a path begins that isn't on this machine; one letter would be a drive."""


@dataclass(frozen=True)
class Place:
    """The file to publish, whatever links lead to it.

    Attributes:
        file: the file itself.
        folder: the folder of its copies in other formats.
    """

    file: Path
    folder: Path

    def unfinished(self, path: Path) -> Path:
        """The name under which this process writes what becomes the file or the folder."""
        return path.with_name(f".{path.name}.{os.getpid()}.tmp")

    def leftovers(self, path: Path) -> list[Path]:
        """What processes left that were killed while they wrote the file or the folder."""
        name = re.compile(rf"\.{re.escape(path.name)}\.(\d+)\.(?:tmp|old)(?:\.wal)?")
        found = [(child, name.fullmatch(child.name)) for child in path.parent.iterdir()]
        return [child for child, match in found if match and not _is_alive(int(match[1]))]

    @property
    def wal(self) -> Path:
        """Where DuckDB keeps changes that aren't in the file yet, and would look for them."""
        return self.file.with_name(f"{self.file.name}.wal")


def find_place(path: str, root: Path) -> Place:
    """What a path of the setting mallard_publish means.

    Args:
        path: as people wrote it; `~` is their home.
        root: the folder that it starts from.

    Raises:
        MallardError: no file can be published there.
    """
    if "\x00" in path:
        raise MallardError("the path contains a NUL character: remove it.")
    if REMOTE.match(path):
        raise MallardError("it isn't on this machine: publish a local file, and copy it from there.")
    try:
        named = Path(root, Path(path).expanduser())
    except RuntimeError as error:
        raise MallardError(f"{str(error).lower().rstrip('.')}: write the path in full.") from None
    if not named.suffix:
        raise MallardError("the file needs an extension, such as .duckdb.")
    if named.suffix.lower() in (".parquet", ".csv"):
        raise MallardError("it would be a DuckDB file: name it .duckdb, and ask for copies with mallard_copies.")
    if "${" in path:
        raise MallardError("variables of the shell aren't filled in: write {{ env_var('...') }}.")
    try:
        file = named.resolve()
        folder = file.with_suffix("").resolve()
    except (OSError, RuntimeError):
        raise MallardError("it is a link that leads nowhere: name a file.") from None
    if file.is_dir():
        raise MallardError("it is a folder: name a file.")
    if file.exists() and not file.is_file():
        raise MallardError("it is no ordinary file: name another one.")
    return Place(file, folder)


def check_access(connection: DuckDBPyConnection, place: Place) -> None:
    """Refuse places that DuckDB or the user who runs dbt may not read or write.

    Raises:
        MallardError: nothing can be published there; the message says what to change.
    """
    [(may_use_files,)] = connection.execute("select current_setting('enable_external_access')").fetchall()
    if not may_use_files:
        raise MallardError("DuckDB's setting enable_external_access is off, and publishing writes a file: turn it on.")
    for folder in (place.file.parent, place.folder.parent):
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        if not existing.is_dir():
            raise MallardError(f"{existing} is a file, not a folder: choose another path.")
        if not os.access(existing, os.W_OK | os.X_OK):
            raise MallardError(
                f"the user who runs dbt may not write into the folder {existing}: give the right to, or choose another "
                "path."
            )
    if place.file.exists() and not os.access(place.file, os.R_OK):
        raise MallardError(
            f"the user who runs dbt may not read {place.file}, so nobody can tell whether Mallard published it: give "
            "the right to, or choose another path."
        )


def explained(error: OSError) -> str:
    """What to do about what the operating system says."""
    remedies = {
        errno.ENOSPC: "make room on the disk",
        errno.EDQUOT: "make room on the disk",
        errno.EACCES: "give the user who runs dbt the right to",
        errno.EPERM: "give the user who runs dbt the right to",
        errno.EROFS: "choose a path that can be written to",
    }
    said = (error.strerror or str(error)).lower() + (f", {error.filename}" if error.filename else "")
    return f"{said}: {remedies.get(error.errno or 0, 'choose another path')}."


def check_owner(connection: DuckDBPyConnection, place: Place) -> None:
    """Refuse to replace a file that isn't a publication, or one that another program may write.

    Raises:
        MallardError: the file stays as it is, and the message says why.
    """
    open_files = connection.execute("select path from duckdb_databases() where path is not null").fetchall()
    if place.file in [Path(path).resolve() for (path,) in open_files]:
        raise MallardError("it is the warehouse itself: choose another file.")
    if not place.file.exists():
        return
    # By another name, so that DuckDB doesn't read changes that somebody left beside the file.
    with tempfile.TemporaryDirectory() as folder, connection.cursor() as cursor:
        link = Path(folder, "published.duckdb")
        link.symlink_to(place.file)
        try:
            cursor.execute(f"attach {literal(str(link))} as mallard__published (read_only)")
        except EngineError as error:
            if "lock" in str(error).lower():
                raise MallardError(
                    "another program has it open to write: close it there, or open it read-only."
                ) from None
            raise _not_ours(place) from None
        columns = cursor.execute(
            "select column_name from duckdb_columns() where database_name = 'mallard__published' "
            f"and schema_name = 'main' and table_name = '{PUBLICATION}' order by column_index asc"
        ).fetchall()
        cursor.execute("detach mallard__published")
    if [column for (column,) in columns] != PUBLICATION_COLUMNS:
        raise _not_ours(place)


def _not_ours(place: Place) -> MallardError:
    return MallardError(
        f"there is a file that Mallard didn't publish, {place.file}: choose another path, or move that file away."
    )


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
