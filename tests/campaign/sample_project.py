"""The sample under kills: it is stateless, so that each table is exactly what one of two settings makes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb
from build_process import Build
from dbt_runs import Run
from sample import PUBLIC_TABLES, copy_project, lasting_columns

SETTINGS = {"five": {"mallard_n_clusters": 5}, "four": {"mallard_n_clusters": 4}}
COMPARED = {"mallard_algorithms": ["kmeans", "agglomerative_ward"], "mallard_copies": ["parquet"]}


class SampleUnderKills:
    """A copy of the sample that is built by one setting and the other in turns."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.project = copy_project(folder)
        self._databases = {"warehouse": folder / "mallard.duckdb", "published": folder / "published" / "mallard.duckdb"}
        self.made: dict[str, dict[str, dict[str, list[str]]]] = {}
        for setting in SETTINGS:
            self.now = setting
            self.build_here()
            self.made[setting] = {place: _rows(database) for place, database in self._databases.items()}

    @property
    def folder(self) -> Path:
        return self.project.path

    def prepare(self) -> None:
        [self.now] = SETTINGS.keys() - {self.now}

    def build(self) -> Build:
        variables = json.dumps(SETTINGS[self.now] | COMPARED)
        command = [sys.executable, "-m", "dbt.cli.main", "--no-use-colors", "build", "--vars", variables]
        (self.folder / "tmp").mkdir(exist_ok=True)
        return Build(command, self.folder, {"TMPDIR": str(self.folder / "tmp")}, self.folder / "build.log")

    def build_here(self) -> Run:
        return self.project.build(**SETTINGS[self.now], **COMPARED)

    def look_after_kill(self) -> tuple[str, list[str]]:
        """Each table of the warehouse is of one setting, all of the published file are of the same."""
        of_tables = {
            place: {table: self._of(place, table, rows) for table, rows in _rows(database).items()}
            for place, database in self._databases.items()
        }
        found = [
            f"{place}: {table} is neither old nor new"
            for place, tables in of_tables.items()
            for table, settings in tables.items()
            if not settings
        ]
        if not set.intersection(*of_tables["published"].values()):
            found.append(f"the published file is of two runs: {of_tables['published']}")
        of_all = set.intersection(*of_tables["warehouse"].values())
        return "some old, some new" if not of_all else "new" if self.now in of_all else "old", found

    def look_after_build(self) -> list[str]:
        """After a build without a kill everything is new."""
        return [
            f"{place}: {table} isn't of the last build"
            for place, database in self._databases.items()
            for table, rows in _rows(database).items()
            if self.now not in self._of(place, table, rows)
        ]

    def _of(self, place: str, table: str, rows: list[str]) -> set[str]:
        return {setting for setting, made in self.made.items() if made[place][table] == rows}


def _rows(database: Path) -> dict[str, list[str]]:
    with duckdb.connect(database, read_only=True) as connection:
        return {
            table: list(
                map(repr, connection.execute(f"select {lasting_columns(table)} from {table} order by all").fetchall())
            )
            for table in PUBLIC_TABLES
        }
