"""Two years of a shop in one database, with what happens to a warehouse in two years, and the checker each month."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from dbt_runs import Run
from sample import ROOT
from tests.campaign.figures import Figures
from tests.campaign.shop import SEGMENTATIONS, Shop, lost

VERSION_BEFORE = "c8234c5"
"""The commit of release 0.2.0, which has no history of builds yet."""
FORTY_DAYS_AGO = """
import datetime, sys
import dbt.tracking

class Earlier(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.now(tz) - datetime.timedelta(days=40)

dbt.tracking.datetime = Earlier
from dbt.cli.main import cli
cli()
"""
"""dbt with a clock that is slow: its run_started_at, from which moments in the tables come."""
CLOCK_WENT_BACK = (
    "moments_are_in_order: a build is older than the one before",
    "moments_are_in_order: a version is older than the one before",
)
"""What the tables can't help saying after that: they say when a run began."""
DATA_TESTS = "models:\n" + "".join(
    f"""  - name: {name}
    data_tests:
      - mallard.transitions_add_up
      - mallard.is_nearest_centroid: {{arguments: {{id_column: customer_id}}}}
    columns:
      - name: segment_id
        data_tests: [mallard.segment_ids_are_current]
"""
    for name in SEGMENTATIONS
)


def run(folder: Path, amount: int) -> Figures:
    """So many months. Those before the first year is over leave out the upgrade."""
    package = _version_before(folder / "before") if amount >= 12 else None
    shop = Shop(folder / "shop", package or ROOT)
    faults = _upgrade(shop, package) if package else []
    shop.consumer.write("models/shop.yml", DATA_TESTS)
    happened: Counter[str] = Counter()
    for number in range(amount):
        event = EVENTS[number % len(EVENTS)]
        happened[event.__name__] += 1
        before = {name: shop.tables(name) for name in shop.settings} if number else {}
        shop.next_month()
        if not (found := event(shop)):
            found = [line for line in shop.problems() if not line.endswith(CLOCK_WENT_BACK)]
        for name, tables in before.items():
            found += lost(
                name, tables, shop.tables(name), n_builds=2 if event is a_failed_build and name == "habits" else 1
            )
        faults += [f"month {shop.month}, {event.__name__}: {line}" for line in found]
    builds = {name: len(shop.tables(name)[f"{name}__builds"]) for name in shop.settings}
    versions = {name: len(shop.tables(name)[f"{name}__versions"]) for name in shop.settings}
    rows: dict[str, object] = {event.replace("_", " "): n for event, n in happened.items()}
    rows["an upgrade from 0.2.0"] = 1 if package else "left out"
    rows |= {f"{name}: builds, versions at the end": f"{builds[name]}, {versions[name]}" for name in shop.settings}
    return Figures(rows | {"what the checker and the data tests found": len(faults)}, faults)


def an_ordinary_month(shop: Shop) -> list[str]:
    return _failure(shop.build())


def a_failed_build(shop: Shop) -> list[str]:
    """One model fails; its tables and the published file stay, and the next build goes on."""
    before, published = shop.tables("segments"), shop.published.read_bytes()
    shop.consumer.write_segmentation("segments", "select error('broken')", **shop.settings["segments"])
    found = [] if shop.build().returncode == 1 else ["a build succeeded that should have failed"]
    if (shop.tables("segments"), shop.published.read_bytes()) != (before, published):
        found.append("a build that failed changed tables")
    shop.write_models()
    return found + _failure(shop.build())


def a_restored_backup(shop: Shop) -> list[str]:
    """The warehouse of last month comes back after this month's build, and is built again."""
    backup = shop.consumer.database.read_bytes()
    found = _failure(shop.build())
    shop.consumer.database.write_bytes(backup)
    return found + _failure(shop.build())


def other_settings(shop: Shop) -> list[str]:
    scale = "robust" if "standard" in str(shop.settings["segments"]) else "standard"
    features = {feature: {"scale": scale} for feature in ("visits", "revenue")}
    shop.settings["segments"] = {**shop.settings["segments"], "features": features, "names": {"1": f"{scale} people"}}
    shop.write_models()
    return _failure(shop.build())


def a_clock_that_goes_back(shop: Shop) -> list[str]:
    folder = shop.consumer.path
    command = ["--no-use-colors", "build", "--project-dir", str(folder), "--profiles-dir", str(folder)]
    finished = subprocess.run(
        [sys.executable, "-c", FORTY_DAYS_AGO, *command], cwd=folder, capture_output=True, text=True, check=False
    )
    return _failure(Run(finished.returncode, finished.stdout + finished.stderr))


EVENTS: tuple[Callable[[Shop], list[str]], ...] = (
    an_ordinary_month,
    a_failed_build,
    a_restored_backup,
    a_clock_that_goes_back,
    an_ordinary_month,
    other_settings,
)
"""What happens from month to month, again and again."""


def _upgrade(shop: Shop, package: Path) -> list[str]:
    """A month by the version before, without what it doesn't know, and then what the changelog asks for."""
    shop.settings = {"segments": SEGMENTATIONS["segments"]}
    shop.next_month()
    found = _failure(shop.build(PYTHONPATH=str(package / "python_lib")))
    shutil.rmtree(shop.copies)
    shop.settings = dict(SEGMENTATIONS)
    shop.consumer.write("packages.yml", f"packages:\n  - local: {ROOT}\n")
    return found + _failure(shop.consumer.dbt("deps"))


def _version_before(folder: Path) -> Path | None:
    """The package as it was then; None in a clone without its history."""
    archive = subprocess.run(["git", "archive", VERSION_BEFORE], cwd=ROOT, capture_output=True, check=False)
    if archive.returncode:
        return None
    with tarfile.open(fileobj=io.BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    return folder


def _failure(result: Run) -> list[str]:
    """What a run of dbt said at last, if it didn't succeed."""
    wrong = [line for line in result.stdout.splitlines() if "rror" in line or "FAIL" in line or "mallard" in line]
    return [f"dbt ended with {result.returncode}: {' | '.join(wrong[-8:])}"] if result.returncode else []
