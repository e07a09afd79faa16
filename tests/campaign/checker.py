"""Says from the tables of a segmentation alone whether they are consistent.

It stands apart from Mallard and imports nothing of it, so that a fault there isn't repeated here. It reads a warehouse
or a published file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import duckdb
import numpy as np
import pandas as pd
from sklearn.metrics.pairwise import euclidean_distances

CLOSE = {"rtol": 1e-9, "atol": 1e-9}
"""Doubles that were summed in another order."""


@dataclass(frozen=True)
class Tables:
    """The tables of a segmentation that measures Euclidean distances, without groups, weights or rules.

    Attributes:
        connection: to the database that has them.
        name: of the segmentation.
        id: the column that tells customers apart.
    """

    connection: duckdb.DuckDBPyConnection
    name: str
    id: str

    def beside(self, table: str, order: str = "all") -> pd.DataFrame:
        return self.connection.execute(f'from "{self.name}__{table}" order by {order}').df()

    @cached_property
    def customers(self) -> pd.DataFrame:
        """Those of the table; an infinite number counts as a missing one."""
        rows = self.connection.execute(f'from "{self.name}" order by "{self.id}"').df()
        return rows.replace([np.inf, -np.inf], np.nan)

    @cached_property
    def builds(self) -> pd.DataFrame:
        return self.beside("builds", "build")

    @cached_property
    def versions(self) -> pd.DataFrame:
        return self.beside("versions", "version")

    @cached_property
    def lineage(self) -> pd.DataFrame:
        return self.beside("lineage")

    @cached_property
    def transitions(self) -> pd.DataFrame:
        return self.beside("transitions")

    @cached_property
    def current(self) -> int:
        """The current version."""
        return int(self.versions.version.max())

    def of_version(self, table: str) -> pd.DataFrame:
        """The rows of the current version."""
        rows = self.beside(table)
        return rows[rows.version == self.current]

    @cached_property
    def centroids(self) -> pd.DataFrame:
        """In scaled units: a row per segment, in order of the ids, and a column per feature."""
        return self.of_version("centroids").pivot(index="segment_id", columns="feature", values="scaled_centroid")

    @cached_property
    def places(self) -> pd.DataFrame:
        """In scaled units: a row per customer with a segment, and a column per feature."""
        expressions = self.of_version("centroids").groupby("feature").scaled_expression.first()[self.centroids.columns]
        columns = ", ".join(f'{sql} as "{feature}"' for feature, sql in expressions.items())
        query = f'select {columns} from "{self.name}" where segment_id is not null order by "{self.id}"'
        return self.connection.execute(query).df()

    @property
    def assigned(self) -> pd.DataFrame:
        return self.customers[self.customers.segment_id.notna()]


def each_customer_once(tables: Tables) -> Iterator[str]:
    ids = tables.customers[tables.id]
    if ids.isna().any() or ids.duplicated().any():
        yield f"{int(ids.duplicated().sum())} customers are there twice, {int(ids.isna().sum())} have no id"
    last = tables.builds.iloc[-1]
    if (last.n_rows, last.n_customers) != (len(tables.customers), len(tables.assigned)):
        yield f"the last build counted {last.n_rows} rows and {last.n_customers} customers"


def ids_agree(tables: Tables) -> Iterator[str]:
    """The same segments, under the same names, in each table about the current version."""
    names = tables.of_version("centroids").groupby("segment_id").segment_name.unique()
    if any(len(of_one) > 1 for of_one in names):
        yield "a segment has two names in centroids"
    known = {segment: of_one[0] for segment, of_one in names.items()}
    about = {
        "customers": tables.assigned,
        "profiles": tables.of_version("profiles"),
        "transitions": tables.transitions[tables.transitions.build == tables.builds.build.max()]
        .rename(columns={"to_segment_id": "segment_id", "to_segment_name": "segment_name"})
        .query("segment_id.notna() and (part != 'behaviour' or version == from_version)"),
    }
    for table, rows in about.items():
        pairs = set(zip(rows.segment_id.astype(int), rows.segment_name, strict=True))
        if not pairs <= set(known.items()):
            yield f"{table} has segments that centroids lacks: {sorted(pairs - set(known.items()))}"
    if set(about["profiles"].segment_id) != set(known):
        yield "profiles lacks segments"
    if tables.versions.n_clusters.iloc[-1] != len(known):
        yield "versions counts other segments than centroids has"
    if (tables.assigned.version != tables.current).any():
        yield "customers have their segment from another version than the current one"


def sizes_and_shares(tables: Tables) -> Iterator[str]:
    profiles = tables.of_version("profiles").drop_duplicates("segment_id").set_index("segment_id")
    counts = tables.assigned.segment_id.value_counts().reindex(profiles.index, fill_value=0)
    if (profiles.n_customers != counts).any():
        yield "profiles counts other customers than there are"
    if not np.allclose(profiles.share, counts / counts.sum(), **CLOSE):
        yield "shares aren't those of the customers"


def means(tables: Tables) -> Iterator[str]:
    for feature, rows in tables.of_version("profiles").groupby("feature"):
        if feature in tables.customers and pd.api.types.is_numeric_dtype(tables.customers[feature]):
            found = tables.assigned.groupby("segment_id")[feature].mean().reindex(rows.segment_id)
            if not np.allclose(rows["mean"], found, equal_nan=True, **CLOSE):
                yield f"the means of {feature} aren't those of the customers"
            if not np.allclose(rows["overall_mean"], tables.assigned[feature].mean(), **CLOSE):
                yield f"the overall mean of {feature} isn't that of the customers"


def scales(tables: Tables) -> Iterator[str]:
    """Standard scales are (x - center) / spread, and the centroid is where its scaled place says."""
    features = tables.of_version("features").set_index("feature")
    centroids = tables.of_version("centroids").set_index("feature")
    for feature, row in features[(features.scale == "standard") & (features.weight == 1)].iterrows():
        if feature in tables.assigned:
            places = (tables.assigned[feature] - row.center) / row.spread
            if not np.allclose(places.dropna(), tables.places[feature][places.notna().to_numpy()], **CLOSE):
                yield f"{feature} is scaled by another expression than its center and spread"
        own = centroids.loc[[feature]]
        if not np.allclose(own.centroid, own.scaled_centroid * row.spread + row.center, **CLOSE):
            yield f"the centroids of {feature} in its units aren't the scaled ones"


def nearest_is_nearest(tables: Tables) -> Iterator[str]:
    distances = euclidean_distances(tables.places.to_numpy(), tables.centroids.to_numpy())
    order = np.sort(distances, axis=1)
    place = tables.centroids.index.get_indexer(tables.assigned.segment_id.astype(int))
    own = distances[np.arange(len(place)), place]
    near = {"rtol": 1e-6, "atol": 1e-6}  # scikit-learn's distances have half of the digits
    if (place < 0).any() or not np.allclose(own, order[:, 0], **near):
        yield "customers are in another segment than that of the nearest centroid"
    if not np.allclose(tables.assigned.distance_to_centroid, order[:, 0], **near):
        yield "distances aren't those to the nearest centroid"
    if order.shape[1] > 1:
        second = order[:, 1]
        if not np.allclose(tables.assigned.distance_to_second_centroid, second, **near):
            yield "distances aren't those to the second centroid"
        if not np.allclose(tables.assigned.confidence, 1 - order[:, 0] / second, rtol=1e-5, atol=1e-5):
            yield "confidence isn't what the distances say"


def inertia(tables: Tables) -> Iterator[str]:
    """The same in versions and in metrics, and that of the customers, if they are those of the fit."""
    chosen = tables.of_version("metrics").query("is_selected")
    kept = tables.versions.iloc[-1]
    if len(chosen) != 1 or not np.isclose(chosen.inertia.iloc[0], kept.inertia, **CLOSE):
        yield "metrics has another inertia than versions"
    if tables.builds.iloc[-1].is_fit:
        found = (tables.assigned.distance_to_centroid**2).sum()
        if not np.isclose(found, kept.inertia, rtol=1e-6):
            yield f"inertia is {kept.inertia}, and that of the customers {found}"


def transitions_add_up(tables: Tables) -> Iterator[str]:
    """All customers of each build and of the one before once, and at last those who are in the table."""
    rows, builds = tables.transitions, tables.builds.drop_duplicates("build").set_index("build")
    first = rows[rows.part != "redefinition"]
    for build, about in builds[builds.n_joined.notna()].iterrows():
        own = first[first.build == build]
        of = own.groupby("kind").n_customers.sum().reindex(["stayed", "moved", "joined", "left"], fill_value=0)
        expected = {
            "now": (of.stayed + of.moved + of.joined, about.n_rows),
            "before": (of.stayed + of.moved + of.left, builds.n_rows.get(build - 1)),
            "joined": (of.joined, about.n_joined),
            "left": (of.left, about.n_left),
        }
        for what, (found, counted) in expected.items():
            if counted is not None and found != counted:
                yield f"build {build}: transitions have {found} customers {what}, and builds {counted}"
        again = rows[(rows.build == build) & (rows.part == "redefinition")]
        if len(again) and again.n_customers.sum() != about.n_rows:
            yield f"build {build}: a new version moved {again.n_customers.sum()} of {about.n_rows} customers"
    strange = set(rows.build) - set(builds.index)
    if strange:
        yield f"transitions are of builds that never were: {sorted(strange)}"
    last = rows[rows.build == builds.index.max()]
    if len(last):
        last = last[last.part == ("redefinition" if (last.part == "redefinition").any() else last.part.iloc[0])]
        came = last[last.kind != "left"].groupby("to_segment_id", dropna=False).n_customers.sum()
        there = tables.customers.segment_id.value_counts(dropna=False)
        if came.sort_index().astype(int).to_dict() != there.sort_index().to_dict():
            yield "those who came to the segments aren't those who are there"


def customers_remember(tables: Tables) -> Iterator[str]:
    """Who is new and who moved, as the last build counted them."""
    last, customers = tables.builds.iloc[-1], tables.customers
    if pd.isna(last.n_joined):
        return
    if customers.is_new.sum() != last.n_joined:
        yield f"{customers.is_new.sum()} customers are new, and the build counted {last.n_joined}"
    old, now = (customers[name].astype("Int64").fillna(-1) for name in ("previous_segment_id", "segment_id"))
    moved = int(((old != now) & ~customers.is_new).sum())
    if moved != last.n_moved:
        yield f"{moved} customers moved, and the build counted {last.n_moved}"


def builds_are_numbered(tables: Tables) -> Iterator[str]:
    builds = tables.builds.build.tolist()
    if not builds or builds != list(range(builds[0], builds[0] + len(builds))):
        yield f"builds are numbered {builds}"
    if tables.builds.run_id.duplicated().any():
        yield "two builds are of one run"


def versions_are_numbered(tables: Tables) -> Iterator[str]:
    numbers = tables.versions.version.tolist()
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        yield f"versions are numbered {numbers}"
    if any(later != before for before, later in zip(numbers, tables.versions.replaces.iloc[1:], strict=False)):
        yield "a version replaces another than the one before"
    fits = tables.builds[tables.builds.is_fit]
    known = tables.versions.set_index("version").run_id
    if fits.version.duplicated().any() or not (known.reindex(fits.version).to_numpy() == fits.run_id.to_numpy()).all():
        yield "the builds that fitted aren't those of the versions"
    if not set(tables.builds.version) <= set(numbers):
        yield "builds are by versions that aren't there"
    if any(
        later.version != before.version + bool(later.is_fit) for before, later in pairwise(tables.builds.itertuples())
    ):
        yield "a build is by another version than the one that was current"


def one_current_version(tables: Tables) -> Iterator[str]:
    current = tables.versions.version[tables.versions.is_current].tolist()
    if current != [tables.current] or tables.builds.version.iloc[-1] != tables.current:
        yield f"current are the versions {current}, and the last is {tables.current}"


def ids_are_kept(tables: Tables) -> Iterator[str]:
    """Only who keeps an id has that of before, and no id is used twice."""
    highest = tables.versions.set_index("version").highest_segment_id
    if not highest.is_monotonic_increasing:
        yield "the highest id fell"
    by_version = tables.beside("centroids").groupby("version").segment_id.unique()
    for (before, old), (number, new) in pairwise(by_version.items()):
        fresh = set(new) - set(old)
        if any(segment <= highest.get(before, 0) for segment in fresh) or max(new) > highest.get(number, 0):
            yield f"version {number} uses an id again: {sorted(fresh)}, after {highest.get(before)}"
        rows = tables.lineage[tables.lineage.version == number]
        kept = rows[rows.keeps_id.fillna(False).astype(bool)]
        if (kept.segment_id != kept.new_segment_id).any() or set(kept.new_segment_id) != set(new) & set(old):
            yield f"version {number}: lineage doesn't say which ids were kept"


def moments_are_in_order(tables: Tables) -> Iterator[str]:
    """No build and no version is of a moment before the last one's, and who changed did so at a build."""
    if not tables.builds.built_at.is_monotonic_increasing:
        yield "a build is older than the one before"
    if not tables.versions.fitted_at.is_monotonic_increasing:
        yield "a version is older than the one before"
    moments = tables.builds.drop_duplicates("build").set_index("build").built_at
    for name, rows in (("transitions", tables.transitions), ("drift", tables.beside("drift"))):
        own = moments.reindex(rows.build).to_numpy()
        if (rows.built_at.to_numpy() != own).any():
            yield f"{name} has other moments than builds"
    if not tables.assigned.segment_changed_at.isin(moments).all() and moments.index.min() == 1:
        yield "customers changed their segment when no build was"


CHECKS: dict[str, Callable[[Tables], Iterator[str]]] = {
    check.__name__: check
    for check in (
        each_customer_once,
        ids_agree,
        sizes_and_shares,
        means,
        scales,
        nearest_is_nearest,
        inertia,
        transitions_add_up,
        customers_remember,
        builds_are_numbered,
        versions_are_numbered,
        one_current_version,
        ids_are_kept,
        moments_are_in_order,
    )
}


def problems(connection: duckdb.DuckDBPyConnection, segmentation: str, customer_id: str) -> list[str]:
    """What is wrong with the tables of a segmentation.

    Args:
        segmentation: its name.
        customer_id: the column that tells customers apart.

    Returns:
        A line for each problem, that begins with the name of the check.
    """
    tables = Tables(connection, segmentation, customer_id)
    return [f"{name}: {problem}" for name, check in CHECKS.items() for problem in check(tables)]
