"""Places that can't be written, and machines that are too small: one message each, and the last good tables stay."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.campaign.figures import Figures
from tests.campaign.shop import Shop

DISK = "400m"
"""Of the file system that gets full."""


class Trouble(NamedTuple):
    """What a build meets.

    Attributes:
        says: words of the message that there has to be.
        limits: of the process, by their numbers.
    """

    says: str
    limits: Mapping[int, int] = {}


def run(folder: Path, amount: int) -> Figures:
    """Builds in so many kinds of trouble, and one after each."""
    disk = folder / "disk"
    with _mounted(disk) as is_mounted:
        shop = Shop(disk / "shop")
        faults = _good_build(shop)
        rows: dict[str, object] = {}
        for trouble in TROUBLES[:amount]:
            name = trouble.__name__.replace("_", " ")
            if trouble in NEED_A_MOUNT and not is_mounted:
                rows[name] = "left out: only root may mount"
                continue
            rows[name], wrong = _meet(trouble, shop)
            faults += [f"{name}: {line}" for line in wrong + _good_build(shop)]
    return Figures(rows | {"tracebacks, torn tables, failed next builds": len(faults)}, faults)


def _good_build(shop: Shop) -> list[str]:
    shop.next_month()
    code, said = _dbt(shop, {})
    return [f"the next build failed: {said[-500:]}"] if code else shop.problems()


def _meet(trouble: Callable[[Shop], AbstractContextManager[Trouble]], shop: Shop) -> tuple[str, list[str]]:
    """What the build said, and what is wrong."""
    shop.next_month()
    before, published = {name: shop.tables(name) for name in shop.settings}, shop.published.read_bytes()
    with trouble(shop) as met:
        code, said = _dbt(shop, met.limits)
    found = [] if code else ["the build succeeded"]
    if "Traceback" in said:
        found.append(f"a traceback: {said[said.index('Traceback') :][-800:]}")
    messages = {line.strip() for line in said.splitlines() if met.says in line}
    if len(messages) != 1:
        found.append(f"{len(messages)} messages with {met.says!r}: {said[-1500:]}")
    for name, tables in before.items():
        found += shop.state_after(name, tables)[1]
    if shop.published.read_bytes() != published:
        found.append("the published file is another one")
    return next(iter(sorted(messages)), "")[:200], found


def _dbt(shop: Shop, limits: Mapping[int, int]) -> tuple[int, str]:
    """Build as a process with limits, whose logs are on another disk."""
    folder = shop.consumer.path
    elsewhere = folder.parents[1] / "elsewhere"
    command = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "build", "--project-dir", str(folder)]

    def limit() -> None:
        for what, most in limits.items():
            resource.setrlimit(what, (most, most))

    finished = subprocess.run(
        [*command, "--profiles-dir", str(folder)],
        cwd=folder,
        env=os.environ | {"DBT_LOG_PATH": str(elsewhere / "logs"), "DBT_TARGET_PATH": str(elsewhere / "target")},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,
    )
    return finished.returncode, finished.stdout + finished.stderr


@contextmanager
def a_published_folder_that_is_a_file(shop: Shop) -> Iterator[Trouble]:
    kept = shop.published.parent.with_name("kept")
    shop.published.parent.rename(kept)
    shop.published.parent.write_text("a file")
    try:
        yield Trouble("published is a file, not a folder: choose another path.")
    finally:
        shop.published.parent.unlink()
        kept.rename(shop.published.parent)


@contextmanager
def two_builds_at_once(shop: Shop) -> Iterator[Trouble]:
    """Another process has the warehouse open, as a build has."""
    hold = (
        f"import duckdb, sys; c = duckdb.connect({str(shop.consumer.database)!r}); print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        yield Trouble("Could not set lock on file")
        holder.communicate()


@contextmanager
def files_that_may_not_grow(shop: Shop) -> Iterator[Trouble]:
    """Neither the warehouse nor the published file, as with a quota."""
    size = shop.consumer.database.stat().st_size
    yield Trouble("File too large", {resource.RLIMIT_FSIZE: size})


@contextmanager
def a_full_disk(shop: Shop) -> Iterator[Trouble]:
    """Almost nothing is free, so the warehouse can't grow."""
    with _filled(shop, 64 * 1024):
        yield Trouble("No space left on device")


@contextmanager
def a_disk_too_full_to_publish(shop: Shop) -> Iterator[Trouble]:
    """The warehouse has room for the build, and the published file has none beside itself."""
    with _filled_beside(shop):
        yield Trouble("No space left on device")


@contextmanager
def a_published_folder_that_is_read_only(shop: Shop) -> Iterator[Trouble]:
    folder = str(shop.published.parent)
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
    try:
        yield Trouble("the user who runs dbt may not write into the folder")
    finally:
        subprocess.run(["umount", folder], check=True)


@contextmanager
def a_published_file_that_is_a_circle_of_links(shop: Shop) -> Iterator[Trouble]:
    kept, other = shop.published.with_name("kept.duckdb"), shop.published.with_name("other.duckdb")
    shop.published.rename(kept)
    shop.published.symlink_to(other)
    other.symlink_to(shop.published)
    try:
        yield Trouble("it is a link that leads nowhere: name a file.")
    finally:
        shop.published.unlink()
        other.unlink()
        kept.rename(shop.published)


@contextmanager
def too_little_memory(shop: Shop) -> Iterator[Trouble]:
    """For DuckDB, by its setting."""
    profile = shop.consumer.path / "profiles.yml"
    text = profile.read_text()
    profile.write_text(text + "      settings: {memory_limit: 1MB}\n")
    try:
        yield Trouble("the memory ran out")
    finally:
        profile.write_text(text)


TROUBLES = (
    a_published_folder_that_is_a_file,
    files_that_may_not_grow,
    a_full_disk,
    a_disk_too_full_to_publish,
    a_published_folder_that_is_read_only,
    a_published_file_that_is_a_circle_of_links,
    too_little_memory,
    two_builds_at_once,
)
NEED_A_MOUNT = (a_full_disk, a_disk_too_full_to_publish, a_published_folder_that_is_read_only)


@contextmanager
def _mounted(folder: Path) -> Iterator[bool]:
    """A small disk at a folder; whether there is one. Without it, the folder is an ordinary one."""
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    is_mounted = os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0
    try:
        yield is_mounted
    finally:
        if is_mounted:
            subprocess.run(["umount", str(folder)], check=False)


@contextmanager
def _filled(shop: Shop, free: int) -> Iterator[None]:
    """The disk of a shop with so many bytes free."""
    filler = shop.consumer.path.parent / "filler"
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(filler.parent).free - free)
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def _filled_beside(shop: Shop) -> Iterator[None]:
    """A full disk of its own in place of the folder of the published file."""
    folder = shop.published.parent
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    kept = folder.with_name("kept")
    shutil.copytree(folder, kept)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size + 200_000}", "tmpfs", str(folder)], check=True)
    shutil.copytree(kept, folder, dirs_exist_ok=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        shutil.rmtree(kept)
