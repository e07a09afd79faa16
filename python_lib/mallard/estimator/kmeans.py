"""K-means as a scikit-learn estimator."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from mallard import progress
from mallard.choice.selection import SELECTION_RULES
from mallard.estimator.starts import Init, given_starts
from mallard.kmeans.distances import nearest, squared_distances
from mallard.kmeans.fit import Fit
from mallard.kmeans.metric import METRICS
from mallard.kmeans.points import Floats, Labels, WeightedPoints
from mallard.kmeans.reservoir import Reservoir
from mallard.kmeans.search import Search
from mallard.kmeans.seeding import STARTS

if TYPE_CHECKING:
    from mallard.estimator.stored import StoredKMeans

N_INIT = 10
OF_A_FIT = {
    "cluster_centers_",
    "labels_",
    "inertia_",
    "n_iter_",
    "n_clusters_",
    "reason_",
    "verdict_",
    "verdict_reason_",
    "tried_",
}


class KMeans(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, BaseEstimator):
    """K-means on TensorFlow, with a search that improves on the best of the restarts.

    Equal rows are merged into weighted points. From the restarts, a search continues that splits, merges, moves and
    crosses the best partitions of k - 1, k and k + 1 clusters; from 24 clusters on, it moves many at once. The result
    depends neither on the order of the rows nor on the number of threads.

    Args:
        n_clusters: number of clusters, k; or "auto": as many as there are groups, chosen as in a warehouse.
        init: "k-means++" (greedy), "random" (distinct rows, drawn by weight), initial centroids of shape (n_clusters,
            n_features), or a function that returns such when it is called with (X, n_clusters, random_state=...). From
            given centroids, Lloyd's algorithm runs once, from those of a function `n_init` times, and the search is
            skipped.
        n_init: number of restarts from which the search continues; "auto" means 10. They are the best of three times as
            many starts after a few iterations. From 24 clusters on, there are two or three starts instead.
        max_iter: maximum number of iterations of each run of Lloyd's algorithm. The run that gives the result is
            continued to its end, with as many again at most.
        tol: a run has converged when the sum of the squared shifts of its centroids is at most this fraction of the
            mean variance of the features. With 0, a run ends when no centroid moves.
        verbose: whether to print what is clustered, progress from the fifth second on, and the result.
        random_state: seed or random number generator of the search.
        copy_x: without effect; X is never written to.
        algorithm: "lloyd" or "elkan", without effect: both name ways to the same result.
        metric: "euclidean", or "cosine" for spherical K-means: rows are scaled to unit length, centroids are unit
            vectors, and distances are 1 - cos(row, centroid).
        min_clusters: the smallest number that "auto" tries. Default: 1.
        max_clusters: the largest. Default: 10, or 20 if there may be more than 10 groups.
        selection: how "auto" chooses. "evidence": as many clusters as there are groups, which have fewer rows at every
            border than inside, or slices of one cloud; "elbow" of the inertia curve; or the highest "silhouette".

    Attributes:
        cluster_centers_: shape (n_clusters, n_features), in lexicographic order unless `init` gave centroids.
        labels_: index of the nearest centroid of each row (on a tie, the lowest), shape (n_samples,).
        inertia_: weighted sum of squared distances of the rows to their centroids (WSS, WCSS); with "cosine", the
            weighted sum of the distances 1 - cos.
        n_iter_: number of iterations of the run that gave the result, those of its continuation included.
        n_clusters_: number of clusters.
        reason_: with "auto", why that many.
        verdict_: with "auto", what the clusters are: "natural", "reproducible", "constructive" or "none".
        verdict_reason_: with "auto", why.
        tried_: with "auto", the numbers that were tried and what is known of each: a dictionary of columns, of which
            pandas makes a table.
        n_features_in_: number of features.
        feature_names_in_: names of the features if X has names that are all strings, shape (n_features_in_,).

    Example:
        >>> from mallard import KMeans
        >>> KMeans(n_clusters=2, random_state=0).fit([[1.0], [2.0], [9.0]]).cluster_centers_
        array([[1.5],
               [9. ]])
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "n_clusters": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "init": [StrOptions(set(STARTS)), callable, "array-like"],
        "n_init": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
        "copy_x": ["boolean"],
        "algorithm": [StrOptions({"lloyd", "elkan"})],
        "metric": [StrOptions(set(METRICS))],
        "min_clusters": [None, Interval(Integral, 1, None, closed="left")],
        "max_clusters": [None, Interval(Integral, 1, None, closed="left")],
        "selection": [StrOptions(set(SELECTION_RULES))],
    }

    cluster_centers_: NDArray[Any]
    labels_: NDArray[np.int32]
    inertia_: float
    n_iter_: int
    n_clusters_: int
    reason_: str
    verdict_: str
    verdict_reason_: str
    tried_: dict[str, NDArray[Any]]
    _reservoir: Reservoir | None = None
    _last_batch: NDArray[Any] | None = None

    def __init__(
        self,
        n_clusters: int | str = 8,
        *,
        init: Init = "k-means++",
        n_init: int | str = "auto",
        max_iter: int = 300,
        tol: float = 0.0,
        verbose: int | bool = 0,
        random_state: int | np.random.RandomState | None = None,
        copy_x: bool = True,
        algorithm: str = "lloyd",
        metric: str = "euclidean",
        min_clusters: int | None = None,
        max_clusters: int | None = None,
        selection: str = "evidence",
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.verbose = verbose
        self.random_state = random_state
        self.copy_x = copy_x
        self.algorithm = algorithm
        self.metric = metric
        self.min_clusters = min_clusters
        self.max_clusters = max_clusters
        self.selection = selection

    def fit(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> Self:
        """Compute the centroids.

        Args:
            X: shape (n_samples, n_features), with at least `n_clusters` rows.
            y: ignored.
            sample_weight: weights, shape (n_samples,); a row with weight 2 counts as two identical rows.

        Raises:
            ValueError: X isn't finite, X has fewer rows than clusters, all weights are 0, or, with "cosine", a row is
                all zeros.
        """
        self._validate_params()
        X = self._validated(X, reset=True)
        weights = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        rows = self._projected(X)
        self._forget()
        self._reservoir = self._last_batch = None
        if self.n_clusters == "auto":
            self._choose(rows, None if sample_weight is None else weights, X.dtype)
        else:
            if len(X) < int(self.n_clusters):
                raise ValueError(f"n_samples={len(X)} should be >= n_clusters={self.n_clusters}.")
            self._cluster(WeightedPoints.from_rows(rows, weights), X, len(X))
        self.labels_ = self._nearest(X)[0].astype(np.int32)
        return self

    @staticmethod
    def from_database(file: str | Path, segmentation: str | None = None, group: str | None = None) -> StoredKMeans:
        """The stored fit of a segmentation, for `predict` and `transform` of raw columns.

        Args:
            file: a DuckDB file that dbt built or published, or a folder with copies of its tables.
            segmentation: its table; None if there is only one.
            group: of its groups, if there is a segmentation for each.

        Raises:
            MallardError: there is no such segmentation or group.
        """
        from mallard.estimator.stored import stored_fit  # deferred: it builds on this class

        return stored_fit(file, segmentation, group)

    def partial_fit(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> Self:
        """Add a batch of rows to those that the centroids are computed from.

        The centroids are computed when they are asked for, by `predict` or by a look at an attribute, so that the
        batches before cost little. Up to 2^18 distinct rows, the result is that of `fit` on all rows; of more, points
        drawn from them take their place. `inertia_` is about all rows so far, then estimated, and `labels_` about the
        last batch. The rows of an earlier `fit` don't count.

        Args:
            X: shape (n_samples, n_features), with any number of rows.
            y: ignored.
            sample_weight: weights, shape (n_samples,).

        Raises:
            ValueError: X isn't finite or has other features than the batches before, or `n_clusters` is "auto".
        """
        self._validate_params()
        if self.n_clusters == "auto":
            raise ValueError("partial_fit needs a number: set n_clusters to one; only fit chooses it.")
        reservoir = self._reservoir
        if reservoir is None and "cluster_centers_" in vars(self):
            warnings.warn(
                "partial_fit begins anew, because fit keeps no rows that a batch could join: call it from the first "
                "batch on.",
                UserWarning,
                stacklevel=2,
            )
        X = self._validated(X, reset=reservoir is None)
        weights = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        rows = self._projected(X)
        self._forget()
        if reservoir is None:
            self._reservoir = reservoir = Reservoir(self.n_features_in_, check_random_state(self.random_state))
        reservoir.add(rows, weights)
        self._last_batch = X.copy()
        return self

    def predict(self, X: ArrayLike) -> NDArray[np.int32]:
        """Index of the nearest centroid of each row (on a tie, the lowest), shape (n_samples,)."""
        check_is_fitted(self)
        labels, _ = self._nearest(self._validated(X, reset=False))
        return labels.astype(np.int32)

    def transform(self, X: ArrayLike) -> NDArray[Any]:
        """Distance of each row to each centroid, shape (n_samples, n_clusters)."""
        check_is_fitted(self)
        X = self._validated(X, reset=False)
        squared = squared_distances(self._projected(X), self.cluster_centers_.astype(np.float64))
        distances: NDArray[Any] = METRICS[self.metric].distance(squared)
        return distances.astype(X.dtype)

    def fit_predict(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> NDArray[np.int32]:
        """`fit`, then `labels_`."""
        return self.fit(X, sample_weight=sample_weight).labels_

    def fit_transform(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> NDArray[Any]:
        """`fit`, then `transform` of the same rows."""
        return self.fit(X, sample_weight=sample_weight).transform(X)

    def score(self, X: ArrayLike, y: object = None, sample_weight: ArrayLike | None = None) -> float:
        """Negative inertia of X, so that higher is better."""
        check_is_fitted(self)
        X = self._validated(X, reset=False)
        weights = _check_sample_weight(sample_weight, X, dtype=np.float64)
        return -float(np.sum(weights * self._nearest(X)[1]))

    def _fit_on_batches(self) -> None:
        """Compute the centroids from the batches so far."""
        reservoir, X = self._reservoir, self._last_batch
        assert reservoir is not None
        assert X is not None
        if reservoir.n_rows < int(self.n_clusters):
            raise NotFittedError(
                f"This KMeans has n_samples={reservoir.n_rows} so far, and it should be >= n_clusters="
                f"{self.n_clusters}: call partial_fit with more rows."
            )
        points = reservoir.points
        self._cluster(points, points.coordinates.astype(X.dtype), reservoir.n_rows)
        self.labels_ = self._nearest(X)[0].astype(np.int32)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            """What is known of a fit on batches, which waits until somebody asks."""
            if name in OF_A_FIT and self._reservoir is not None:
                self._fit_on_batches()
                if name in vars(self):
                    return vars(self)[name]
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __sklearn_is_fitted__(self) -> bool:
        return "cluster_centers_" in vars(self) or self._reservoir is not None

    @contextmanager
    def _said(self, what: str) -> Iterator[None]:
        """Print what is done, and how far it is, if the user asked for it."""
        if not self.verbose:
            yield
            return
        print(what)
        with progress.reported(print):
            yield

    def _forget(self) -> None:
        """Drop what is known from an earlier fit."""
        for name in OF_A_FIT & vars(self).keys():
            delattr(self, name)

    def _choose(self, rows: Floats, weights: Floats | None, dtype: np.dtype[Any]) -> None:
        """Let the number of clusters be chosen, and take the partition into so many."""
        from mallard.estimator.number import chosen_number  # deferred: loads DuckDB and pyarrow

        if not isinstance(self.init, str):
            raise ValueError("n_clusters='auto' tries several numbers, but init gives one: set n_clusters to it.")
        if weights is not None:
            rows, weights = rows[weights > 0], weights[weights > 0]
        seed = self.random_state
        with self._said(f"clustering {len(rows):,} rows into several numbers of clusters"):
            chosen = chosen_number(
                rows,
                weights,
                self._names,
                min_clusters=None if self.min_clusters is None else int(self.min_clusters),
                max_clusters=None if self.max_clusters is None else int(self.max_clusters),
                selection=self.selection,
                metric=self.metric,
                init=self.init,
                n_init=self._n_init,
                random_state=int(seed) if isinstance(seed, Integral) else check_random_state(seed).randint(2**31),
            )
        self.reason_, self.verdict_, self.verdict_reason_ = chosen.reason, chosen.verdict, chosen.verdict_reason
        self.tried_ = chosen.tried
        if self.verbose:
            print(f"{self.reason_} {self.verdict_reason_}")
        points = WeightedPoints.from_rows(rows, weights)
        origin = self._origin(points)
        self._take(chosen.fit.shifted(-origin), points.shifted(-origin), origin, dtype)

    def _cluster(self, points: WeightedPoints, X: NDArray[Any], n_rows: int) -> None:
        """Find the best partition of points.

        Args:
            X: rows, for a function that chooses centroids among them.
            n_rows: number of rows that the points stand for.
        """
        origin = self._origin(points)
        points = points.shifted(-origin)
        with self._said(f"clustering {n_rows:,} rows as {len(points):,} points into {self.n_clusters} clusters"):
            fit = self._best_fit(X, points, origin)
        self._take(fit, points, origin, X.dtype)

    def _origin(self, points: WeightedPoints) -> Floats:
        """Where to measure from: far from zero, centroids lose the digits that the inertia is made of."""
        return np.zeros_like(points.mean) if METRICS[self.metric].spherical else points.mean

    def _best_fit(self, X: NDArray[Any], points: WeightedPoints, origin: Floats) -> Fit:
        """Best partition of points measured from an origin; with too few distinct points, centroids are repeated."""
        random_state = check_random_state(self.random_state)
        search = Search(
            init=self.init if isinstance(self.init, str) else "k-means++",
            n_init=self._n_init,
            max_iter=self.max_iter,
            tol=self.tol * float(np.mean(points.standard_deviation**2)),
            spherical=METRICS[self.metric].spherical,
        )
        k = int(self.n_clusters)
        if not isinstance(self.init, str):
            starts = given_starts(self.init, X, k, self.n_init, random_state)
            fits = [search.fit_from(points, self._projected(start) - origin) for start in starts]
            return min(fits, key=lambda fit: fit.inertia)
        n_found = min(k, len(points))
        fit = search.best_fits(points, [n_found], random_state)[n_found]
        return fit._replace(centroids=np.resize(fit.centroids, (k, fit.centroids.shape[1])))

    def _take(self, fit: Fit, points: WeightedPoints, origin: Floats, dtype: np.dtype[Any]) -> None:
        """Keep a partition of points, both measured from an origin."""
        labels, squared = nearest(points.coordinates, fit.centroids)
        self.cluster_centers_ = (fit.centroids + origin).astype(dtype)
        self.n_clusters_ = len(fit.centroids)
        self.n_iter_ = fit.n_iter
        self.inertia_ = float(np.sum(points.weights * METRICS[self.metric].inertia(squared)))
        if self.verbose:
            print(f"inertia {self.inertia_:.6g} after {self.n_iter_} iterations")
        n_found = len(np.unique(labels))
        if n_found < self.n_clusters_:
            warnings.warn(
                f"Number of distinct clusters ({n_found}) found smaller than n_clusters ({self.n_clusters_}). "
                "Possibly due to duplicate points in X.",
                ConvergenceWarning,
                stacklevel=4,
            )

    @property
    def _names(self) -> list[str]:
        """The features' names; those that scikit-learn gives them where X has none."""
        return [str(name) for name in getattr(self, "feature_names_in_", [f"x{i}" for i in range(self.n_features_in_)])]

    @property
    def _n_init(self) -> int:
        return N_INIT if self.n_init == "auto" else int(self.n_init)

    def _validated(self, X: ArrayLike, *, reset: bool) -> NDArray[Any]:
        rows: NDArray[Any] = validate_data(self, X, reset=reset, dtype=[np.float64, np.float32], order="C")
        return rows

    def _projected(self, X: NDArray[Any]) -> Floats:
        """The rows in the form that the metric compares."""
        return METRICS[self.metric].prepare(X.astype(np.float64))

    def _nearest(self, X: NDArray[Any]) -> tuple[Labels, Floats]:
        """Labels, and the contribution of each row to the inertia, both of shape (n_samples,)."""
        labels, squared = nearest(self._projected(X), self.cluster_centers_.astype(np.float64))
        return labels, METRICS[self.metric].inertia(squared)

    @property
    def _n_features_out(self) -> int:
        return len(self.cluster_centers_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
