"""Another dbt project that has Mallard installed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
from dbt_runs import Run, run_dbt
from sample import ROOT

PROJECT = """
name: shop
version: "1.0.0"
config-version: 2
profile: shop
flags:
  send_anonymous_usage_stats: false
"""
PROFILE = """
shop:
  target: dev
  outputs:
    dev:
      type: duckdb
      path: {database}
      threads: 2
"""
TABLES_BESIDE = (
    "attributes",
    "borders",
    "builds",
    "centroids",
    "divisions",
    "drift",
    "features",
    "lineage",
    "metrics",
    "profiles",
    "transitions",
    "versions",
)
"""What stands beside a segmentation, by name."""


@dataclass
class Consumer:
    """The folder of a project with the package installed, and a database of its own."""

    path: Path

    @property
    def database(self) -> Path:
        return self.path / "shop.duckdb"

    @property
    def parsed(self) -> Path:
        return self.path / "target" / "partial_parse.msgpack"

    def dbt(self, *arguments: str, cwd: Path | None = None, **environment: str) -> Run:
        folders = ["--project-dir", str(self.path), "--profiles-dir", str(self.path)]
        return run_dbt(*arguments, *folders, cwd=cwd or self.path, **environment)

    def write(self, file: str, text: str) -> None:
        path = self.path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def write_segmentation(self, name: str, select: str, **meta: Any) -> None:
        """A model that segments what a query gives."""
        config = f"materialized='segmentation', meta={meta!r}"
        self.write(f"models/{name}.sql", f"{{{{ config({config}) }}}}\n\n{select}\n")

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(self.database, read_only=True) as connection:
            return connection.execute(sql).fetchall()

    def execute(self, sql: str) -> None:
        with duckdb.connect(self.database) as connection:
            connection.execute(sql)

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """Afterwards, the database is as it was before."""
        kept = self.database.read_bytes()
        try:
            yield
        finally:
            self.database.write_bytes(kept)

    def passes_with(self, breakage: str, tests: str) -> bool:
        """Whether data tests pass after a change of the database, which is taken back."""
        with self.untouched():
            self.execute(breakage)
            result = self.dbt("test", "--select", tests)
        assert "Nothing to do" not in result.stdout
        assert result.returncode in (0, 1), result.stdout
        return result.returncode == 0

    def messages(self) -> dict[str, tuple[str, str]]:
        """Status and message of every node of the last run, by the name of the node."""
        results = json.loads((self.path / "target" / "run_results.json").read_text())["results"]
        return {result["unique_id"].split(".")[-1]: (result["status"], result["message"] or "") for result in results}


def make_consumer(path: Path, package: Path = ROOT) -> Consumer:
    """A project without models, in an empty folder, with the package of another, which is parsed."""
    consumer = _unparsed(path, package)
    consumer.parsed.parent.mkdir()
    consumer.parsed.write_bytes(_parsed(package))
    return consumer


@cache
def _parsed(package: Path) -> bytes:
    """What dbt keeps of a project that it parsed, and goes on from while its profile is the same."""
    with TemporaryDirectory() as folder:
        consumer = _unparsed(Path(folder), package)
        result = consumer.dbt("parse")
        assert result.returncode == 0, result.stdout
        return consumer.parsed.read_bytes()


def _unparsed(path: Path, package: Path) -> Consumer:
    consumer = Consumer(path)
    consumer.write("dbt_project.yml", PROJECT)
    consumer.write("profiles.yml", PROFILE.format(database=consumer.database.name))
    consumer.write("packages.yml", f"packages:\n  - local: {package}\n")
    result = consumer.dbt("deps")
    assert result.returncode == 0, result.stdout
    return consumer
