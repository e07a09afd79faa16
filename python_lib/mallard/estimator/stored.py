"""The fit of a segmentation in a warehouse, as an estimator."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from mallard.engines.duckdb.database import opened
from mallard.engines.duckdb.expressions import computed
from mallard.errors import MallardError
from mallard.estimator.kmeans import KMeans
from mallard.inputs.rows import arrow_columns
from mallard.inputs.sizes import in_range_sql
from mallard.kmeans.distances import nearest, squared_distances
from mallard.kmeans.metric import METRICS
from mallard.kmeans.points import Floats
from mallard.sql.scaled_expression import TEXT, VECTOR, RawColumn
from mallard.sql.text import quoted
from mallard.tables.find import one_segmentation
from mallard.tables.stored import NO_RADIUS, StoredSegmentation, case_sql, read_stored

NO_LABEL = -1
"""The label of a row that gets no segment, as scikit-learn labels noise."""


class StoredKMeans(KMeans):
    """K-means that was fitted in a warehouse, see `KMeans.from_database`.

    Rows are the raw columns of customers: a DataFrame, an Arrow table or a dictionary, by the names of the columns, or
    an array with the columns in the order of `feature_names_in_`. DuckDB scales them by the SQL of the segmentation.

    Attributes:
        cluster_centers_: in scaled units, shape (n_clusters, n_scaled), by the ids of the segments.
        segment_ids_: the ids, shape (n_clusters,).
        segment_names_: the names, shape (n_clusters,).
        feature_names_in_: the columns that features are made of.
        n_features_in_: their number.
    """

    def _hold(self, stored: StoredSegmentation) -> Self:
        self._stored = stored
        self.cluster_centers_ = np.array([segment.centroid for segment in stored.segments])
        self.n_clusters_ = len(stored.segments)
        self.segment_ids_ = np.array([segment.id for segment in stored.segments], dtype=np.int32)
        self.segment_names_ = np.array([segment.name for segment in stored.segments], dtype=object)
        self.feature_names_in_ = np.array([column.name for column in stored.columns], dtype=object)
        self.n_features_in_ = len(self.feature_names_in_)
        return self

    def fit(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> Self:
        """Refuse: the fit is that of the warehouse."""
        raise MallardError(
            f"segmentation {self._stored.name} is fitted in its warehouse: run dbt build, or fit a KMeans of its own."
        )

    partial_fit = fit

    def predict(self, X: Any) -> NDArray[np.int32]:
        """Index in `segment_ids_` of the segment of each row, shape (n_samples,); -1 of a row without one."""
        return self._labels(X, *self._prepared(X))

    def transform(self, X: Any) -> Floats:
        """Distance of each row to each segment, shape (n_samples, n_clusters); NaN of a row without a segment."""
        rows, has_segment = self._prepared(X)
        distances = np.full((len(rows), len(self.segment_ids_)), math.nan)
        squared = squared_distances(rows[has_segment], self.cluster_centers_)
        distances[has_segment] = METRICS[self.metric].distance(squared)
        return distances

    def score(self, X: Any, y: object = None, sample_weight: ArrayLike | None = None) -> float:
        """Negative inertia of the rows that have a segment, so that higher is better."""
        rows, has_segment = self._prepared(X)
        weights = np.ones(len(rows)) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
        labels = self._labels(X, rows, has_segment)[has_segment]
        to_all = squared_distances(rows[has_segment], self.cluster_centers_)
        squared = to_all[np.arange(len(labels)), labels]
        return -float(np.sum(weights[has_segment] * METRICS[self.metric].inertia(squared)))

    def _labels(self, X: Any, rows: Floats, has_segment: NDArray[np.bool_]) -> NDArray[np.int32]:
        """What gives the segments: the nearest centroid, or rules."""
        labels = np.full(len(rows), NO_LABEL, dtype=np.int32)
        if self._stored.rules:
            [ids] = computed(self._table(X), [case_sql(self._stored.rules)], self._in_range)
            labels[has_segment] = np.searchsorted(self.segment_ids_, ids.to_numpy()[has_segment])
        else:
            labels[has_segment] = nearest(rows[has_segment], self.cluster_centers_)[0]
        return labels

    def _prepared(self, X: Any) -> tuple[Floats, NDArray[np.bool_]]:
        """The scaled rows as the metric compares them, shape (n_samples, n_scaled), and whether each gets a segment."""
        features = self._stored.features
        columns = computed(self._table(X), [feature.sql for feature in features], self._in_range)
        rows = np.hstack([_positions(column, of.size) for column, of in zip(columns, features, strict=True)])
        has_segment = np.asarray(np.isfinite(rows).all(axis=1))
        if METRICS[self.metric].spherical:
            with np.errstate(over="ignore", invalid="ignore"):
                has_segment &= np.square(rows).sum(axis=1) > 0  # as SQL finds the length, also if squares underflow
        rows[has_segment] = METRICS[self.metric].prepare(rows[has_segment])
        limit = self._stored.limit
        if limit is not None:
            distances = METRICS[self.metric].distance(squared_distances(rows[has_segment], self.cluster_centers_))
            radii = np.array([radius or NO_RADIUS for radius in limit.radii])
            has_segment[has_segment] = (distances / radii).min(axis=1) <= limit.max_distance
        return rows, has_segment

    @property
    def _in_range(self) -> dict[str, str]:
        """SQL of the columns with numbers, without those that a fit would refuse. It isn't in that of the features."""
        return {column.name: _in_range_sql(column) for column in self._stored.columns if column.kind != TEXT}

    def _table(self, X: Any) -> pa.Table:
        """The raw columns, in which NaN is a missing value."""
        names = list(self.feature_names_in_)
        if isinstance(X, np.ndarray | list):
            X = np.asarray(X)
            if X.ndim != 2 or X.shape[1] != len(names):
                raise MallardError(f"X has shape {X.shape}: give it the {len(names)} columns {', '.join(names)}.")
            X = dict(zip(names, X.T, strict=True))
        sizes = {column.name: column.size for column in self._stored.columns if column.kind == VECTOR}
        return pa.table(arrow_columns(X, names, sizes))


def stored_fit(file: str | Path, segmentation: str | None, group: str | None) -> StoredKMeans:
    """See `KMeans.from_database`."""
    with opened(Path(file)) as tables:
        stored = read_stored(tables, one_segmentation(tables, segmentation, group))
    return StoredKMeans(len(stored.segments), metric=stored.metric)._hold(stored)


def _in_range_sql(column: RawColumn) -> str:
    name = quoted(column.name)
    if column.kind == VECTOR:
        return f"[case when {in_range_sql('x', column.above)} then x end for x in cast({name} as double[])]"
    return f"case when {in_range_sql(f'cast({name} as double)', column.above)} then {name} end"


def _positions(column: pa.ChunkedArray, size: int) -> Floats:
    """A number or a vector of each row, shape (n_samples, size); NaN where it is missing."""
    if size == 1:
        numbers: Floats = column.to_numpy()[:, np.newaxis]
        return numbers
    missing = [math.nan] * size
    vectors = [missing if vector is None else vector for vector in column.to_pylist()]
    return np.array(vectors, dtype=np.float64).reshape(len(vectors), size)
