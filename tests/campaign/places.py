"""Places that can't be written, and machines that are too small: one message each, and the last good tables stay."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from dbt_runs import Run
from tests.campaign.figures import Figures
from tests.campaign.kills import TRACEBACK
from tests.campaign.shop import Shop

DISK = "400m"
"""Of the file system that gets full."""
FOLDERS = re.compile(r"/[^\s:,\"]+/")
"""Of absolute paths: a page about all machines has no use for them."""


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
    build = _dbt(shop)
    return [f"the next build failed: {build.stdout[-500:]}"] if build.returncode else shop.problems()


def _meet(trouble: Callable[[Shop], AbstractContextManager[str]], shop: Shop) -> tuple[str, list[str]]:
    """What the build said, and what is wrong. A trouble gives words of the message that there has to be."""
    shop.next_month()
    before, published = {name: shop.tables(name) for name in shop.settings}, shop.published.read_bytes()
    with trouble(shop) as expected:
        build = _dbt(shop)
    said = build.stdout
    found = [] if build.returncode else ["the build succeeded"]
    if traceback := TRACEBACK.search(said):
        found.append(f"a traceback of Mallard's: {traceback[0][-800:]}")
    # Where dbt can't open the warehouse, it says so with a traceback of its own, which repeats the message.
    messages = {line.strip().removeprefix("_duckdb.IOException: ") for line in said.splitlines() if expected in line}
    if not 1 <= len(messages) <= max(1, said.count("Failure in model")):
        found.append(f"{len(messages)} messages with {expected!r}: {said[-1500:]}")
    for name, tables in before.items():
        found += shop.state_after(name, tables)[1]
    if shop.published.read_bytes() != published:
        found.append("the published file is another one")
    return FOLDERS.sub("", next(iter(sorted(messages)), ""))[:200], found


def _dbt(shop: Shop) -> Run:
    """Build as a process whose logs are on another disk."""
    elsewhere = shop.consumer.path.parents[1] / "elsewhere"
    return shop.consumer.dbt("build", DBT_LOG_PATH=str(elsewhere / "logs"), DBT_TARGET_PATH=str(elsewhere / "target"))


@contextmanager
def a_published_folder_that_is_a_file(shop: Shop) -> Iterator[str]:
    kept = shop.published.parent.with_name("kept")
    shop.published.parent.rename(kept)
    shop.published.parent.write_text("a file")
    try:
        yield "published is a file, not a folder: choose another path."
    finally:
        shop.published.parent.unlink()
        kept.rename(shop.published.parent)


@contextmanager
def two_builds_at_once(shop: Shop) -> Iterator[str]:
    """Another process has the warehouse open, as a build has."""
    hold = (
        f"import duckdb, sys; c = duckdb.connect({str(shop.consumer.database)!r}); print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        yield "Could not set lock on file"
        holder.communicate()


@contextmanager
def a_full_disk(shop: Shop) -> Iterator[str]:
    """Almost nothing is free, so the warehouse can't grow."""
    with _filled(shop, 64 * 1024):
        yield "No space left on device"


@contextmanager
def a_disk_too_full_to_publish(shop: Shop) -> Iterator[str]:
    """The warehouse has room for the build, and the published file has none beside itself."""
    with _filled_beside(shop):
        yield "No space left on device"


@contextmanager
def a_published_folder_that_is_read_only(shop: Shop) -> Iterator[str]:
    folder = str(shop.published.parent)
    subprocess.run(["mount", "--bind", folder, folder], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", folder], check=True)
    try:
        yield "the user who runs dbt may not write into the folder"
    finally:
        subprocess.run(["umount", folder], check=True)


@contextmanager
def a_published_file_that_is_a_circle_of_links(shop: Shop) -> Iterator[str]:
    kept, other = shop.published.with_name("kept.duckdb"), shop.published.with_name("other.duckdb")
    shop.published.rename(kept)
    shop.published.symlink_to(other)
    other.symlink_to(shop.published)
    try:
        yield "it is a link that leads nowhere: name a file."
    finally:
        shop.published.unlink()
        other.unlink()
        kept.rename(shop.published)


@contextmanager
def too_little_memory(shop: Shop) -> Iterator[str]:
    """For DuckDB, by its setting."""
    profile = shop.consumer.path / "profiles.yml"
    text = profile.read_text()
    profile.write_text(text + "      settings: {memory_limit: 1MB}\n")
    try:
        yield "Out of Memory Error: "
    finally:
        profile.write_text(text)


TROUBLES = (
    a_published_folder_that_is_a_file,
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
            subprocess.run(["umount", "--lazy", str(folder)], check=False)  # DuckDB may still let go of its files


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
