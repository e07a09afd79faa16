"""Customers made up by DuckDB: the same at every call, whatever the number of threads."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from benchmarks.databases import create
from benchmarks.plan import CACHE, Plan


class Group(NamedTuple):
    """Customers that are alike: normally distributed around a mean, independently in every feature."""

    share: float
    mean: Sequence[float]
    deviation: Sequence[float]


OVERLAPPING = (
    Group(0.35, (55, 50), (10, 9)),
    Group(0.18, (87, 79), (13, 11)),
    Group(0.17, (86, 20), (13, 11)),
    Group(0.13, (27, 78), (9, 12)),
    Group(0.12, (28, 22), (9, 12)),
    Group(0.05, (77, 50), (25, 25)),
)
"""Incomes and spending scores like those of the Mall customers, with stragglers everywhere."""
BOUNDS = ((15, 139), (1, 100))
"""Of whole-number features: 12,500 combinations, of which large tables have nearly all."""

_RANDOM = random.Random(0)
BLOBS = tuple(Group(1 / 8, [_RANDOM.uniform(-1, 1) for _ in range(16)], [1.0] * 16) for _ in range(8))

SALTS = 64

KINDS = {"whole-number": OVERLAPPING, "continuous": OVERLAPPING, "blobs": BLOBS}


class Dataset(NamedTuple):
    """A table customers(customer_id, f0, f1, ...) in a DuckDB file.

    Attributes:
        kind: "whole-number" and "continuous" have 2 features, "blobs" 16 continuous ones.
    """

    kind: str
    n_rows: int

    @property
    def features(self) -> list[str]:
        return [f"f{feature}" for feature in range(len(KINDS[self.kind][0].mean))]

    @property
    def path(self) -> Path:
        return CACHE / f"{self.kind}-{self.n_rows}.duckdb"

    def __str__(self) -> str:
        return f"{self.n_rows:,} x {len(self.features)} {'continuous' if self.kind == 'blobs' else self.kind}"


def made(plan: Plan, kind: str, full_size: int) -> Dataset:
    """The dataset at the scale of the plan, in its file."""
    dataset = Dataset(kind, plan.rows(full_size))
    if not dataset.path.exists():
        plan.workers.run(_write, dataset)
    return dataset


def _write(dataset: Dataset) -> None:
    unfinished = dataset.path.with_suffix(".unfinished")
    with create(unfinished) as connection:
        connection.execute(customers_sql(dataset))
    unfinished.rename(dataset.path)


def customers_sql(dataset: Dataset) -> str:
    groups = KINDS[dataset.kind]
    columns = ", ".join(
        f"{_feature_sql(dataset, groups, feature)} as {name}" for feature, name in enumerate(dataset.features)
    )
    return (
        f"create table customers as select customer_id, {columns} "
        f"from (select customer_id, {_even_sql(SALTS - 1)} as place "
        f"from (select range as customer_id from range(1, {dataset.n_rows + 1})))"
    )


def _feature_sql(dataset: Dataset, groups: Sequence[Group], feature: int) -> str:
    mean = _by_group_sql(groups, [group.mean[feature] for group in groups])
    deviation = _by_group_sql(groups, [group.deviation[feature] for group in groups])
    radius = f"sqrt(-2 * ln({_even_sql(2 * feature)}))"
    value = f"{mean} + {deviation} * {radius} * cos(2 * pi() * {_even_sql(2 * feature + 1)})"
    if dataset.kind == "whole-number":
        lowest, highest = BOUNDS[feature]
        return f"cast(greatest({lowest}, least({highest}, round({value}))) as integer)"
    return value


def _even_sql(salt: int) -> str:
    """A number above 0 and no more than 1, evenly distributed, and independent of those with another salt.

    What `hash` makes of several arguments is not independent.
    """
    return f"((hash(customer_id * {SALTS} + {salt}) + 1.0) / 18446744073709551616.0)"


def _by_group_sql(groups: Sequence[Group], values: Sequence[float]) -> str:
    if len(set(values)) == 1:
        return f"{values[0]!r}"
    ends = accumulate(group.share for group in groups)
    cases = " ".join(
        f"when place <= {end!r} then {value!r}" for end, value in list(zip(ends, values, strict=True))[:-1]
    )
    return f"(case {cases} else {values[-1]!r} end)"
