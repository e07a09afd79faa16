"""A project that lives: two segmentations of customers who change from month to month, and a published file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
from build_process import Build, dbt_build
from consumer import make_consumer
from dbt_runs import Run
from sample import ROOT
from script_of_a_shop import Script
from tests.campaign.checker import problems

ID = "customer_id"
SEGMENTS = {"id": ID, "features": {"visits": {"scale": "standard"}, "revenue": {"scale": "standard"}}}
HABITS = {"id": ID, "features": ["visits"], "n_clusters": 3, "refit": "always", "entity": "visitor"}
CUSTOMERS = "customers.parquet"
"""In the project's folder, from which dbt runs."""
SEGMENTATIONS = {"segments": SEGMENTS, "habits": HABITS}
"""Settings by name: one that fits when it needs to, and one that fits at each build."""
VARIABLES = "vars: {mallard_publish: {dev: published/shop.duckdb}, mallard_copies: [csv]}\n"
OF_BUILDS = ("builds", "transitions", "drift")
OF_VERSIONS = ("versions", "lineage", "centroids", "metrics", "features", "profiles")
"""Tables that keep the rows of earlier builds, or of earlier versions."""

Rows = list[tuple[Any, ...]]


class Shop:
    """A folder with the project.

    Attributes:
        settings: of each segmentation.
        month: of the script; 0 before the first.
        published: the file.
    """

    def __init__(self, folder: Path, package: Path = ROOT) -> None:
        self.consumer = make_consumer(folder, package)
        self.consumer.write("dbt_project.yml", (folder / "dbt_project.yml").read_text() + VARIABLES)
        self.settings: dict[str, Mapping[str, Any]] = dict(SEGMENTATIONS)
        self.script = Script()
        self.month = 0
        self.published = folder / "published" / "shop.duckdb"

    @property
    def copies(self) -> Path:
        return self.published.with_suffix("")

    def next_month(self) -> pd.DataFrame:
        """Write the customers of the next month, and the models. Each row says which month it is of."""
        self.month += 1
        customers = self.script.month(self.month).drop(columns="kind").assign(month=self.month)
        self.write(customers.sample(frac=1, random_state=self.month).reset_index())
        return customers

    def write(self, customers: pd.DataFrame) -> None:
        """Have the next build read these customers."""
        customers.to_parquet(self.consumer.path / CUSTOMERS, index=False)
        self.write_models()

    def write_models(self) -> None:
        """Have the next build use the settings as they are now."""
        for name, settings in self.settings.items():
            self.consumer.write_segmentation(name, f"from '{CUSTOMERS}'", **settings)

    def build(self, *arguments: str, **environment: str) -> Run:
        return self.consumer.dbt("build", *arguments, **environment)

    def process(self) -> Build:
        folder = self.consumer.path
        (folder / "tmp").mkdir(exist_ok=True)
        return dbt_build(folder, TMPDIR=str(folder / "tmp"))

    def problems(self) -> list[str]:
        """What the checker finds in the warehouse and in the published file, and where the two aren't of one run."""
        found = []
        for database in (self.consumer.database, self.published):
            with duckdb.connect(database, read_only=True) as connection:
                for name in self.settings:
                    found += [f"{database.name}: {name}: {line}" for line in problems(connection, name, ID)]
        return found + self.mixture()

    def mixture(self) -> list[str]:
        """What in the published file isn't of the run that published it."""
        with duckdb.connect(self.published, read_only=True) as connection:
            [(run,)] = connection.execute("select run_id from publication").fetchall()
            builds = {
                name: connection.execute(f"select max_by(run_id, build) from {name}__builds").fetchall()[0][0]
                for name in self.settings
            }
            months = {
                month
                for name in self.settings
                for (month,) in connection.execute(f"select distinct month from {name}").fetchall()
            }
        if set(builds.values()) != {run} or len(months) != 1:
            return [f"published by {run}, of the runs {builds} and the months {months}"]
        return []

    def tables(self, name: str) -> dict[str, Rows]:
        """All rows of the tables of a segmentation in the warehouse, by version where they have one."""
        with duckdb.connect(self.consumer.database, read_only=True) as connection:
            names = [table for table in self.all_tables(connection) if table == name or table.startswith(f"{name}__")]
            return {table: connection.execute(_in_order(name, table)).fetchall() for table in names}

    @staticmethod
    def all_tables(connection: duckdb.DuckDBPyConnection) -> list[str]:
        names = connection.execute("select table_name from information_schema.tables order by all").fetchall()
        return [name for (name,) in names]

    def state_after(self, name: str, before: Mapping[str, Rows]) -> tuple[str, list[str]]:
        """Whether the tables of a segmentation are old or new, and what is wrong with them.

        Args:
            before: its tables before the build of this month.
        """
        now = self.tables(name)
        if now == before:
            return "old", []
        with duckdb.connect(self.consumer.database, read_only=True) as connection:
            found = [f"{name}: {line}" for line in problems(connection, name, ID)]
            months = connection.execute(f"select distinct month from {name}").fetchall()
        if months != [(self.month,)]:
            found.append(f"{name}: the tables changed, and the customers are of the months {months}")
        return "new", found + [f"{name}: {line}" for line in lost(name, before, now)]


def _in_order(name: str, table: str) -> str:
    """SQL for the rows of a table; one that an earlier release made can have its version in any place."""
    columns = "version, * exclude (version)" if table in [f"{name}__{beside}" for beside in OF_VERSIONS] else "*"
    return f'select {columns} from "{table}" order by all'


def lost(name: str, before: Mapping[str, Rows], now: Mapping[str, Rows], n_builds: int = 1) -> list[str]:
    """What happened to the history that so many builds should only have added to."""
    found = [f"{table} is gone" for table in before.keys() - now.keys()]
    current = max(row[0] for row in before[f"{name}__versions"])
    for beside in OF_BUILDS + OF_VERSIONS:
        table, columns = f"{name}__{beside}", 5 if beside == "versions" else None  # later ones say what is current
        old, new = (
            [repr(row[:columns]) for row in tables.get(table, []) if beside in OF_BUILDS or row[0] < current]
            for tables in (before, now)
        )
        if not set(old) <= set(new) or len(new) != len(set(new)):
            found.append(f"{table} lost {len(set(old) - set(new))} rows, and has {len(new) - len(set(new))} twice")
    new_builds = len(now[f"{name}__builds"]) - len(before[f"{name}__builds"])
    if new_builds != n_builds:
        found.append(f"{new_builds} builds were added")
    return found
