"""Files that are whole, or still the old ones."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """A path to write to; what is written takes the place of the file in one step, unless something fails.

    Folders that the file needs are made. A link stays, and the file that it leads to is replaced.
    """
    place = file.resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished = place.with_name(f".{place.name}.tmp")
    try:
        yield unfinished
        keep_access(place, unfinished)
        os.replace(unfinished, place)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise


@contextmanager
def replacing_folder(folder: Path) -> Iterator[Path]:
    """The same for a folder. The old one is there until the new one is whole."""
    place = folder.resolve()
    place.parent.mkdir(parents=True, exist_ok=True)
    unfinished, old = (place.with_name(f".{place.name}.{state}") for state in ("tmp", "old"))
    try:
        yield unfinished
        keep_access(place, unfinished)
        if place.exists():
            shutil.rmtree(old, ignore_errors=True)  # left by a process that was killed
            os.rename(place, old)
        os.rename(unfinished, place)
    except BaseException:
        if old.exists() and not place.exists():
            os.rename(old, place)
        raise
    finally:
        for left in (unfinished, old):
            shutil.rmtree(left, ignore_errors=True)


def keep_access(old: Path, new: Path) -> None:
    """Give a new file or folder the permissions and the owner of the one that it replaces."""
    if old.exists():
        before = old.stat()
        new.chmod(stat.S_IMODE(before.st_mode))
        with suppress(PermissionError):  # only root can give a file away
            os.chown(new, before.st_uid, before.st_gid)
