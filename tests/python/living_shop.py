"""A project whose customers change between builds, and what each build leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import numpy as np
import pandas as pd
from consumer import make_consumer

STANDARD = {"scale": "standard"}
LATEST = "where version = (select max(version) from segments__versions)"
CENTROIDS = f"""
pivot (select segment_id, feature, scaled_centroid from segments__centroids {LATEST})
on feature using any_value(scaled_centroid)
"""


class Build(NamedTuple):
    """What a build left behind.

    Attributes:
        about: its row in the table of builds.
        customers: by their ids.
        centroids: of its version in scaled units, a row per segment and a column per feature.
        scales: center and spread of the features of its version.
        transitions: of this build.
        lineage: of its version.
    """

    about: pd.Series
    customers: pd.DataFrame
    centroids: pd.DataFrame
    scales: pd.DataFrame
    transitions: pd.DataFrame
    lineage: pd.DataFrame

    def by_its_version(self, customers: pd.DataFrame) -> pd.Series:
        """The segments of any customers: the nearest centroid; none for those who lack a feature."""
        features = list(self.centroids.columns)
        places = (customers[features] - self.scales.center[features]) / self.scales.spread[features]
        distances = np.linalg.norm(places.to_numpy()[:, None, :] - self.centroids.to_numpy(), axis=2)
        known = places.notna().all(axis=1)
        nearest = self.centroids.index[np.where(known.to_numpy()[:, None], distances, 0).argmin(axis=1)]
        return pd.Series(nearest, customers.index, dtype="Int64").where(known)


def flows(
    before: pd.DataFrame, now: pd.DataFrame, was: pd.Series, becomes: pd.Series, **sums: pd.Series
) -> pd.DataFrame:
    """The rows that transitions should have for one part: from the segments that customers had to those that they have.

    Args:
        before: the customers of the build before, by their ids.
        now: those of this build.
        was: the segments that they come from.
        becomes: the segments that they come to.
        sums: what to add up besides the number of customers.
    """
    rows = pd.DataFrame({"from_segment_id": was, "to_segment_id": becomes}).astype("Int64")
    same = rows.from_segment_id.eq(rows.to_segment_id).fillna(False) | rows.isna().all(axis=1)
    were, are = rows.index.isin(before.index), rows.index.isin(now.index)
    rows["kind"] = np.select([~were, ~are, same.astype(bool)], ["joined", "left", "stayed"], "moved")
    rows = rows.assign(n_customers=1, **{name: column.reindex(rows.index) for name, column in sums.items()})
    grouped = rows.groupby(["kind", "from_segment_id", "to_segment_id"], dropna=False)
    return grouped[["n_customers", *sums]].agg(lambda column: column.sum(min_count=1))


def assert_transitions(found: pd.DataFrame, part: str, expected: pd.DataFrame) -> None:
    """Compare one part of the transitions of a build with what `flows` gives."""
    found = found[found["part"] == part].astype({"from_segment_id": "Int64", "to_segment_id": "Int64"})
    found = found.set_index(["kind", "from_segment_id", "to_segment_id"])[list(expected.columns)]
    assert not found.index.duplicated().any()
    pd.testing.assert_frame_equal(found.sort_index(), expected.sort_index(), check_dtype=False, rtol=1e-12)


class LivingShop:
    """A project with the segmentation `segments` of a table of customers that each build brings along."""

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        self.consumer = make_consumer(folder / "shop")
        self.file = folder / "customers.parquet"
        self.settings = settings

    def build(self, customers: pd.DataFrame, *arguments: str, **settings: Any) -> Build:
        with duckdb.connect() as connection:
            connection.sql(f"copy (from customers) to '{self.file}'")
        self.consumer.write_segmentation("segments", f"from '{self.file}'", **{**self.settings, **settings})
        result = self.consumer.dbt("build", *arguments)
        assert result.returncode == 0, result.stdout
        return self._left_behind()

    def frame(self, query: str) -> pd.DataFrame:
        with duckdb.connect(self.consumer.database, read_only=True) as connection:
            return connection.sql(query).df()

    def _left_behind(self) -> Build:
        customers = self.frame("from segments")
        return Build(
            self.frame("from segments__builds order by build").iloc[-1],
            customers.set_index(customers.columns[0]),
            self.frame(CENTROIDS).set_index("segment_id"),
            self.frame(f"select feature, center, spread from segments__features {LATEST}").set_index("feature"),
            self.frame("from segments__transitions where build = (select max(build) from segments__builds)"),
            self.frame(f"from segments__lineage {LATEST}"),
        )
