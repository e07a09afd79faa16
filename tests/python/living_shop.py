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
