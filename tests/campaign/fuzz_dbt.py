"""Tables of every kind through dbt: the checker finds nothing wrong in them, or they are refused in a line."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from consumer import Consumer, make_consumer
from tests.campaign.checker import problems
from tests.campaign.figures import Figures

REFUSED = ("large", "small")
"""Kinds of columns that no build takes."""


def run(folder: Path, amount: int) -> Figures:
    """Build so many tables."""
    came: Counter[str] = Counter()
    faults: list[str] = []
    project = make_consumer(folder / "wild")
    for number in range(amount):
        ended, wrong = _build(project, number)
        came[ended] += 1
        faults += [f"table {number}: {line}" for line in wrong]
    return Figures({**came, "faults": len(faults)}, faults)


def wild_table(seed: int) -> pd.DataFrame:
    """Customers with columns of every kind: numbers with gaps, infinities and constants, categories, days."""
    rng = np.random.default_rng(seed)
    n = int(rng.choice([3, 20, 150, 400]))
    groups = rng.integers(0, rng.integers(1, 5), n)
    numbers = {
        "normal": lambda: rng.normal(groups * 5, 1),
        "money": lambda: np.round(np.exp(rng.normal(3 + groups, 0.4)), 2),
        "counts": lambda: rng.poisson(1 + groups * 9),
        "zeros": lambda: np.where(rng.random(n) < 0.8, 0, rng.exponential(10, n)),
        "constant": lambda: np.full(n, 7.5),
        "flag": lambda: rng.random(n) < 0.3,
        "gaps": lambda: np.where(rng.random(n) < 0.3, np.nan, rng.normal(size=n)),
        "infinite": lambda: np.where(rng.random(n) < 0.1, np.inf, rng.normal(size=n)),
        "large": lambda: rng.normal(size=n) * 1e150,
        "small": lambda: rng.normal(size=n) * 1e-200,
        "far": lambda: 1e12 + rng.normal(size=n),
        "kind": lambda: np.array(["a", "b", "it's", None], dtype=object)[rng.integers(0, 4, n)],
    }
    names = sorted(numbers)
    odds = np.array([0.1 if name in REFUSED else 1.0 for name in names])
    chosen = rng.choice(names, int(rng.integers(1, 5)), replace=False, p=odds / odds.sum())
    return pd.DataFrame({"id": np.arange(n), **{f"{name}": numbers[name]() for name in chosen}})


def _build(project: Consumer, seed: int) -> tuple[str, list[str]]:
    """How a build of a wild table ended, and what is wrong."""
    file = project.path / f"wild{seed}.parquet"
    with duckdb.connect() as connection:
        connection.from_df(wild_table(seed)).write_parquet(str(file))
    rng = np.random.default_rng(seed)
    nulls, constant = rng.choice(["exclude", "mean", "median"]), rng.choice(["error", "drop", "drop"])
    name = f"wild{seed}"
    project.write_segmentation(name, f"from '{file}'", id="id", nulls=str(nulls), constant_features=str(constant))
    result = project.dbt("build", "--select", name)
    if "Traceback" in result.stdout:
        return "refused", ["a traceback: " + result.stdout[-500:]]
    status, said = project.messages()[name]
    if result.returncode:
        lines = [line for line in said.splitlines() if "mallard: " in line]
        return "refused", [] if status == "error" and len(lines) == 1 else [f"said {said}"]
    with duckdb.connect(project.database, read_only=True) as connection:
        return "segmented", problems(connection, name, "id")
