"""The whole job by Mallard: with dbt, from a table of customers to a table with their segments."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.databases import connect, create, remove
from benchmarks.datasets import Dataset
from benchmarks.plan import CACHE

PROJECT = Path(__file__).parent / "dbt_project"
OUTPUT = CACHE / "mallard.duckdb"
TARGET = CACHE / "target"
LABELS, SEGMENTS = "customer_labels", "customer_segments_full"
TABLES = {LABELS: "labels only", SEGMENTS: "all columns"}
"""The tables that the composed steps can end with: the columns that peers write, or all columns of Mallard."""
SEGMENTATION = "segmented_customers"
"""The same job as one model, by the materialization `segmentation`: all columns, and the tables beside."""
LIVED = "lived_segments"
"""A segmentation with every setting at its default, which later builds score."""
PUBLISHED = CACHE / "published.duckdb"


def whole_job(
    dataset: Dataset, n_clusters: tuple[int, int], tables: Sequence[str], memory_limit: str
) -> dict[str, Any]:
    """Run dbt once; the tables stay in `OUTPUT`.

    Args:
        n_clusters: the smallest and the largest k.
        tables: the tables to build, of `LABELS` and `SEGMENTS`.

    Returns:
        Seconds of every model and of dbt between them, and the centroids of every k in the units of the table.
    """
    prepare(dataset.path, memory_limit)
    selected = [f"+{table}" for table in tables]
    started = time.perf_counter()
    results = _run("--select", *selected, *variables(dataset, n_clusters))
    seconds = time.perf_counter() - started
    models = {result.node.name: result.execution_time for result in results}
    with connect(OUTPUT, read_only=True) as connection:
        return {
            "models": models,
            "dbt": seconds - sum(models.values()),
            "centroids": _centroids(connection, dataset.features),
            "compression": connection.execute("select compression, n_points from kmeans limit 1").fetchone(),
        }


def segmentation(
    source: Path, model: str, memory_limit: str, *given: str, with_imports: bool = False
) -> dict[str, float]:
    """Run dbt once, for a model with the materialization `segmentation`.

    Args:
        source: the file with the table customers.
        given: values of dbt's variables, see `variables`.
        with_imports: whether the model imports what it needs, as in a new process; otherwise that is done before.

    Returns:
        Seconds of the model, and the inertia of the chosen partition, or of those of all groups, if there are groups.
    """
    prepare(source, memory_limit, imports=not with_imports)
    seconds = _seconds_of(model, *given)
    with connect(OUTPUT, read_only=True) as connection:
        [(inertia,)] = connection.execute(f"select sum(inertia) from {model}__metrics where is_selected").fetchall()
    return {"seconds": seconds, "inertia": inertia}


def later_builds(source: Path, memory_limit: str) -> dict[str, float]:
    """Build a segmentation twice, of the same customers, and score them once more.

    Args:
        source: the file with the table customers.

    Returns:
        Seconds of the first and the second build, of a table by `mallard.score`, and of a bare copy of its shape.
    """
    models = (LIVED, LIVED, "scored_customers", "copied_customers")
    seconds = dict(
        zip(("first", "second", "score", "copy"), seconds_in_turn(source, memory_limit, *models), strict=True)
    )
    with connect(OUTPUT, read_only=True) as connection:
        [(n_versions,)] = connection.execute(f"select count(*) from {LIVED}__versions").fetchall()
    if n_versions != 1:
        raise RuntimeError("the second build fitted, though nothing had changed")
    return seconds


def seconds_in_turn(source: Path, memory_limit: str, *models: str, n_clusters: int | str = "auto") -> list[float]:
    """Run dbt once for each model, one after the other, in the same warehouse.

    Args:
        source: the file with the table customers.
        n_clusters: the number of segments of `LIVED`.
    """
    prepare(source, memory_limit)
    return [_seconds_of(model, "--vars", json.dumps({"mallard_n_clusters": n_clusters})) for model in models]


def at_once(source: Path, memory_limit: str, models: Sequence[str], threads: int) -> float:
    """Run dbt once, for several models that don't wait for each other.

    Args:
        source: the file with the table customers.
        threads: how many models dbt builds at once.

    Returns:
        Seconds from the beginning of the first to the end of the last.
    """
    prepare(source, memory_limit)
    results = _run("--select", *models, "--threads", str(threads))
    steps = [step for result in results if result.node.name in models for step in result.timing]
    took = max(step.completed_at for step in steps) - min(step.started_at for step in steps)
    return float(took.total_seconds())


def published(source: Path, memory_limit: str) -> dict[str, float]:
    """Build `LIVED`, publish it, and write the report on it.

    Args:
        source: the file with the table customers.

    Returns:
        Seconds of publishing, of a copy of the file, and of the report in a new process; and the bytes of the file.
    """
    prepare(source, memory_limit)
    remove(PUBLISHED)
    results = _run("--select", LIVED, "--vars", json.dumps({"mallard_publish": {"dev": str(PUBLISHED)}}))
    [publish] = [result.execution_time for result in results if "on-run-end" in result.node.name]
    copied, page = PUBLISHED.with_suffix(".copy"), PUBLISHED.with_suffix(".html")
    copy = _seconds(lambda: shutil.copyfile(PUBLISHED, copied))
    command = [sys.executable, "-m", "mallard", "report", str(PUBLISHED), "--output", str(page)]
    environment = {**os.environ, "PYTHONPATH": str(CACHE.parents[1] / "python_lib")}
    report = _seconds(lambda: subprocess.run(command, check=True, capture_output=True, env=environment))
    found = {"publish": publish, "copy": copy, "report": report, "bytes": PUBLISHED.stat().st_size}
    for file in (PUBLISHED, copied, page):
        file.unlink()
    return found


def _seconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _seconds_of(model: str, *given: str) -> float:
    results = _run("--select", model, *given)
    [seconds] = [result.execution_time for result in results if result.node.name == model]
    return float(seconds)


def _run(*arguments: str) -> Any:
    """Results of all nodes of a run of dbt, whose warehouse is closed then."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager

    results = run_dbt("run", *arguments).results
    DuckDBConnectionManager.env().close()
    return results


def variables(dataset: Dataset, n_clusters: tuple[int, int]) -> tuple[str, str]:
    """Arguments that tell dbt the features and the numbers of segments to try."""
    values = {
        "mallard_features": dataset.features,
        "mallard_min_clusters": n_clusters[0],
        "mallard_max_clusters": n_clusters[1],
    }
    return "--vars", json.dumps(values)


def prepare(source: Path, memory_limit: str, imports: bool = True) -> None:
    """Start from nothing, with dbt imported.

    Args:
        imports: whether to import everything else that a run needs, too, so that no model waits for it.
    """
    import dbt.adapters.duckdb.connections
    import dbt.cli.main  # noqa: F401

    if imports:
        import pandas  # noqa: F401
        import pyarrow  # noqa: F401

        import mallard.flow  # noqa: F401

    os.environ["BENCHMARK_SOURCE"] = str(source)
    os.environ["BENCHMARK_OUTPUT"] = str(OUTPUT)
    os.environ["BENCHMARK_MEMORY_LIMIT"] = memory_limit
    if not (CACHE / "dbt_packages" / "mallard").exists():
        run_dbt("deps")
    remove(OUTPUT)
    shutil.rmtree(TARGET, ignore_errors=True)


def seconds_to(table: str, models: dict[str, float]) -> float:
    """Seconds of a table and of the models that it needs."""
    return sum(seconds for name, seconds in models.items() if name not in TABLES.keys() - {table})


def copy(table: str) -> float:
    """Seconds of a bare `create table as` that writes what Mallard wrote."""
    with create(CACHE / "copy.duckdb", made=OUTPUT) as connection:
        return _seconds(lambda: connection.execute(f"create table copied as select * from made.{table}"))


def run_dbt(command: str, *arguments: str) -> Any:
    from dbt.cli.main import dbtRunner

    folders = ("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--log-path", str(CACHE / "logs"))
    targets = ("--target-path", str(TARGET)) if command != "deps" else ()
    outcome = dbtRunner().invoke(["--quiet", command, *arguments, *folders, *targets])
    if not outcome.success:
        raise RuntimeError(f"dbt {command} failed") from outcome.exception
    return outcome.result


def _centroids(connection: Any, features: Sequence[str]) -> dict[int, list[list[float]]]:
    rows = connection.execute("select feature, center, spread from feature_statistics").fetchall()
    scales = {feature: scale for feature, *scale in rows}
    found: dict[int, list[list[float]]] = {}
    for k, centroid in connection.execute("select n_clusters, centroid from kmeans order by all").fetchall():
        of_features = [scales[feature] for feature in features]
        found.setdefault(k, []).append(
            [x * spread + center for x, (center, spread) in zip(centroid, of_features, strict=True)]
        )
    return found
