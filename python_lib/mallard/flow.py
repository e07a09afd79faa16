"""The whole analysis as a list of steps: compress, fit, settle, judge, weigh the evidence, choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.random import RandomState

from mallard import progress
from mallard.choice.earlier import kept_number, kept_where_as_good
from mallard.choice.evidence import Evidence, goes_on, natural, weigh, with_bends
from mallard.choice.least_shares import Bound, Worth, has_small_cluster, with_large_clusters
from mallard.choice.naming import Naming
from mallard.choice.quality import Assigned, Quality, judge
from mallard.choice.selection import Selection, Tried, select
from mallard.choice.sketch import Sketch
from mallard.choice.stability import Resampling
from mallard.choice.verdict import Verdict, cautions, judged
from mallard.choice.version_before import Earlier
from mallard.choice.vocabulary import Trait
from mallard.inputs.customers import check_customers
from mallard.inputs.settings import Settings
from mallard.inputs.values import listed
from mallard.kmeans.assignment import Assignment
from mallard.kmeans.compress import Compression, Customers, compress
from mallard.kmeans.distances import nearest
from mallard.kmeans.fit import Fit
from mallard.kmeans.metric import METRICS, Metric
from mallard.kmeans.points import Floats, WeightedPoints
from mallard.kmeans.polish import polish
from mallard.kmeans.search import Search
from mallard.nouns import Noun

FINER_TOL = 3e-6
"""A pass over these points takes little time; the pass over all customers that it saves can take long."""
LOST = 1e-9
"""A centroid has lost digits if its mean lowers the inertia of its segment by more than this fraction."""
ROUNDING = 1e-12
"""Its mean differs from a centroid by more than rounding if it does by more than this fraction."""
MOST_MOVES = 100
MORE = 10
"""How many more numbers of segments are tried where there may be more groups than the default ones."""
FURTHER = 4
"""How many more clusters a partition may have whose small ones are given up for a fixed number."""
QUICK = 20
"""Resamples by which numbers of slices are compared."""


@dataclass(frozen=True)
class Partition:
    """The partition for one k.

    Attributes:
        fit: the centroids and how they were found.
        assignment: of all customers to these centroids, with the inertia of the metric.
        names: names of the segments; None if vectors tell them apart, whose positions have no names.
        quality: None if it isn't defined: for k = 1, and if every customer is a segment.
        evidence: what speaks for the segments as groups.
    """

    fit: Fit
    assignment: Assignment
    names: list[str] | None
    quality: Quality | None
    evidence: Evidence


@dataclass(frozen=True)
class Segmentation:
    """All partitions that were tried, the selected one, and the points they were found on.

    Attributes:
        partitions: partitions by number of segments.
        selection: the selected number of segments, and the reason.
        n_groups: number of groups that the customers form.
        stability: how well each of the selected segments comes back in resamples; None for a single one.
        verdict: what the selected segments are.
        sketch: the customers that silhouettes and evidence looked at.
        compression: the points that were clustered.
        metric: the distance measure.
        rows: what the customers are called.
    """

    partitions: dict[int, Partition]
    selection: Selection
    n_groups: int
    stability: Floats | None
    verdict: Verdict
    sketch: Sketch
    compression: Compression
    metric: Metric
    rows: Noun

    @property
    def compressed(self) -> str:
        """What was clustered in place of the customers, for the person at the terminal."""
        of, rows = self.compression, self.rows
        per_point = rows.one if of.ratio == 1 else rows.many
        return (
            f"{of.n_customers:,} {rows.many} clustered as {len(of.points):,} points ({of.method}, {of.ratio:.3g} "
            f"{per_point} per point)"
        )

    @property
    def cautions(self) -> list[str]:
        """What to be careful about, for the person at the terminal."""
        return cautions(self.partitions[self.selection.n_clusters].evidence, self.n_groups, self.rows.many)


def segment(
    customers: Customers,
    features: Sequence[str],
    settings: Settings,
    starts: Floats | None = None,
    traits: Sequence[Trait] | None = None,
    earlier: Earlier | None = None,
    worth: Worth | None = None,
) -> Segmentation:
    """Try every k and choose one, or run Lloyd's algorithm from given centroids.

    Args:
        features: names of the features, in order.
        starts: the given centroids, which keep their order, shape (n_clusters, n_features).
        traits: the features, as names see them. Default: numbers that are called what the settings say.
        earlier: the segments of the version before, if there is one.
        worth: what the customers are worth, if there is a least share of it.

    Raises:
        MallardError: the customers can't be clustered with these settings.
    """
    metric = METRICS[settings.metric]
    check_customers(customers, features, settings)
    compression = _compressed(customers, settings)
    sketch = Sketch.of(customers, compression, settings.random_state)
    assigned, evidence, merged = _partitioned(customers, compression, sketch, features, settings, starts, earlier)
    qualities = judge(sketch, assigned, metric, settings.random_state)
    traits = traits or [Trait(settings.word(feature)) for feature in features]
    naming = naming_of(customers, traits, settings)
    names = {k: naming.names(compression.points, of_k[0].centroids, of_k[1]) for k, of_k in assigned.items()}
    partitions = {k: Partition(*of_k, names[k], qualities.get(k), evidence[k]) for k, of_k in assigned.items()}
    resampling = Resampling.of(sketch, metric.spherical, settings.random_state)
    too_small = _too_small(partitions, settings, compression.points.mean, worth)
    _check_can_choose(partitions, too_small, settings, starts)
    selection = _selected(partitions, settings, starts, resampling, too_small)
    if merged:
        selection = replace(selection, reason=f"{selection.reason} {_merged(merged, settings)}")
    if earlier is not None and starts is None and settings.n_clusters == "auto":
        are_slices = settings.selection == "evidence" and selection.natural is None
        of_allowed = {k: of_k for k, of_k in evidence.items() if k not in too_small}
        selection = kept_number(selection, of_allowed, earlier, are_slices)
    chosen = partitions[selection.n_clusters]
    progress.begin(f"drawing {settings.rows.many} anew")
    stability = resampling.stability(chosen.fit.centroids) if selection.n_clusters > 1 else None
    n_groups = (evidence[selection.natural] if selection.natural else chosen.evidence).n_groups
    verdict = judged(chosen.evidence, n_groups, stability, settings.rows.many)
    return Segmentation(partitions, selection, n_groups, stability, verdict, sketch, compression, metric, settings.rows)


def _compressed(customers: Customers, settings: Settings) -> Compression:
    progress.begin(f"compressing the {settings.rows.many}")
    return compress(customers, settings.compression, settings.max_points, settings.random_state)


def _tried(compression: Compression, features: Sequence[str], settings: Settings, starts: Floats | None) -> range:
    """Values of k to try: those in the settings, or the default ones up to the number of distinct customers."""
    n_distinct = compression.points.n_distinct
    if starts is not None:
        return _tried_from(starts, n_distinct, settings)
    tried = settings.tried
    if settings.max_clusters is None and settings.n_clusters == "auto":
        tried = range(tried.start, min(tried.stop, n_distinct + 1))
    for name in ("n_clusters", "min_clusters", "max_clusters"):
        given = getattr(settings, name)
        if isinstance(given, int) and given > n_distinct:
            raise settings.refusal(
                name,
                f"{_too_few(compression, n_distinct, features, settings.rows.many)}; set it to {n_distinct:,} or less",
            )
    return tried


def _too_few(compression: Compression, n_distinct: int, features: Sequence[str], many: str) -> str:
    if compression.is_lossless:
        combinations = f"different combinations of {listed(features)}"
        if n_distinct < len(np.unique(compression.points.coordinates, axis=0)):
            combinations += " that a DOUBLE can tell apart, because some values are so much larger than others"
        return f"the {compression.n_customers:,} {many} have only {n_distinct:,} {combinations}"
    return f"only {n_distinct:,} points stand for the {compression.n_customers:,} {many} (compression: coreset)"


def _tried_from(starts: Floats, n_distinct: int, settings: Settings) -> range:
    for name in ("n_clusters", "min_clusters", "max_clusters"):
        if getattr(settings, name) not in ("auto", None, len(starts)):
            raise settings.refusal(
                name, f"init gives {len(starts)} centroids, so no other number is tried; remove this setting"
            )
    if len(starts) > n_distinct:
        raise settings.refusal(
            "init",
            f"it gives {len(starts)} centroids, but only {n_distinct} {settings.rows.many} are distinct; give fewer",
        )
    return range(len(starts), len(starts) + 1)


def _partitioned(
    customers: Customers,
    compression: Compression,
    sketch: Sketch,
    features: Sequence[str],
    settings: Settings,
    starts: Floats | None,
    earlier: Earlier | None,
) -> tuple[Assigned, dict[int, Evidence], list[int]]:
    """The best partition for every k, and the evidence for it; and the k at which small segments were merged.

    Where groups may go on, more k are tried.
    """
    tried = _tried(compression, features, settings, starts)
    assigned, merged = _assigned(customers, compression, tried, settings, starts, earlier)
    evidence = with_bends(_weighed(sketch, assigned), _inertia(assigned))
    if starts is None and settings.may_try_more and goes_on(evidence):
        more = range(tried.stop, min(tried.stop + MORE, compression.points.n_distinct + 1))
        if more:
            of_more, merged_of_more = _assigned(customers, compression, more, settings, None, None)
            assigned, merged = {**assigned, **of_more}, merged + merged_of_more
            evidence = with_bends({**evidence, **_weighed(sketch, of_more)}, _inertia(assigned))
    return assigned, evidence, merged


def _assigned(
    customers: Customers,
    compression: Compression,
    tried: range,
    settings: Settings,
    starts: Floats | None,
    earlier: Earlier | None,
) -> tuple[Assigned, list[int]]:
    """The best partition for every k, and the k at which small segments were merged."""
    metric = METRICS[settings.metric]
    fits = _fitted(compression.points, tried, settings, starts, earlier)
    merged: dict[int, Fit] = {}
    if settings.min_share is not None and starts is None:
        merged = _without_small(compression.points, fits, settings, settings.min_share)
    settled = _settled(customers, compression, fits | merged, settings, metric, keep_order=starts is not None)
    return settled, list(merged)


def _without_small(points: WeightedPoints, fits: dict[int, Fit], settings: Settings, least: float) -> dict[int, Fit]:
    """Partitions in place of those with a segment that has less than the least share of the customers."""
    search = _search(settings)
    larger, fixed = fits, settings.n_clusters
    if isinstance(fixed, int) and has_small_cluster(points, fits[fixed], least):
        more = range(fixed + 1, min(fixed + FURTHER, points.n_distinct) + 1)
        larger = fits | search.best_fits(points, more, RandomState(settings.random_state)) if more else fits
    return with_large_clusters(fits, larger, points, search, least)


def _merged(merged: Sequence[int], settings: Settings) -> str:
    return (
        f"At k = {', '.join(map(str, merged))}, segments with less than the min_share of {settings.min_share:.3g} were "
        "merged into others."
    )


def _search(settings: Settings) -> Search:
    return Search(init=settings.init, n_init=settings.n_init, spherical=METRICS[settings.metric].spherical)


def _weighed(sketch: Sketch, assigned: Assigned) -> dict[int, Evidence]:
    progress.begin("looking for borders between segments")
    return weigh(sketch, {k: fit.centroids for k, (fit, _) in assigned.items()})


def _inertia(assigned: Assigned) -> dict[int, float]:
    return {k: assignment.total_inertia for k, (_, assignment) in assigned.items()}


def _fitted(
    points: WeightedPoints,
    tried: range,
    settings: Settings,
    starts: Floats | None,
    earlier: Earlier | None,
) -> dict[int, Fit]:
    """Best partition of the points for every k."""
    progress.begin(f"searching for the best {_numbers(tried)} segments among {len(points):,} points")
    search = _search(settings)
    if starts is not None:
        return {len(starts): search.fit_from(points, starts)}
    fits = search.best_fits(points, tried, RandomState(settings.random_state))
    return fits if earlier is None else kept_where_as_good(fits, points, search, earlier, settings.random_state)


def _numbers(tried: range) -> str:
    return str(tried[0]) if len(tried) == 1 else f"{tried[0]} to {tried[-1]}"


def _settled(
    customers: Customers,
    compression: Compression,
    fits: dict[int, Fit],
    settings: Settings,
    metric: Metric,
    keep_order: bool,
) -> Assigned:
    """Centroids that rest on all customers, and the assignment of all customers to them."""
    points = compression.points
    if compression.finer is None:
        settled = {k: _with_all_digits(points, fit, metric, keep_order) for k, fit in fits.items()}
    else:
        max_iter = Search.max_iter
        nearly = polish(compression.finer, points.mean, fits, max_iter, FINER_TOL, metric.spherical)
        settled = polish(
            customers, points.mean, {k: fit for k, (fit, _) in nearly.items()}, max_iter, spherical=metric.spherical
        )
        if not keep_order:
            settled = {k: (fit.in_order(), assignment.reordered(fit.order)) for k, (fit, assignment) in settled.items()}
    return {
        k: (fit, assignment._replace(inertia=metric.inertia(assignment.inertia)))
        for k, (fit, assignment) in settled.items()
    }


def _with_all_digits(points: WeightedPoints, fit: Fit, metric: Metric, keep_order: bool) -> tuple[Fit, Assignment]:
    """The fit, with its centroids at the means of their points where the search couldn't tell, and the assignment.

    The search measures from the mean of all points. Small values of some segments lose their digits there if others are
    larger by many orders of magnitude.
    """
    assignment = _assign_points(points, fit.centroids)
    for _ in range(0 if metric.spherical else MOST_MOVES):
        with np.errstate(invalid="ignore"):
            means = np.where(assignment.counts[:, None] > 0, assignment.means, fit.centroids)
        moves = means - fit.centroids
        gains = assignment.counts * np.sum(moves**2, axis=1)
        is_lost = (gains > LOST * assignment.inertia) & (
            np.abs(moves).max(axis=1) > ROUNDING * np.abs(means).max(axis=1)
        )
        if not fit.converged or not is_lost.any():
            break
        fit = fit._replace(centroids=np.where(is_lost[:, None], means, fit.centroids))
        fit = fit if keep_order else fit.in_order()
        assignment = _assign_points(points, fit.centroids)
    return fit, assignment


def _assign_points(points: WeightedPoints, centroids: Floats) -> Assignment:
    labels, _ = nearest(points.coordinates, centroids)
    return Assignment.of_labels(points, labels, centroids)


def naming_of(customers: Customers, traits: Sequence[Trait], settings: Settings) -> Naming:
    """What names of segments of these customers are made of."""
    places = [place for place, size in enumerate(customers.sizes) if size is None]
    bounds = np.array([customers.bounds[place] for place in places], dtype=float).reshape(-1, 2)
    return Naming(
        is_number=np.concatenate([np.full(size or 1, size is None) for size in customers.sizes]),
        traits=[traits[place] for place in places],
        bounds=np.full_like(bounds, np.nan) if METRICS[settings.metric].spherical else bounds,
        many=settings.rows.many,
    )


def _too_small(
    partitions: dict[int, Partition], settings: Settings, origin: Floats, worth: Worth | None
) -> dict[int, str]:
    """The numbers of segments that can't be chosen, each with what is too small there."""
    bounds = []
    if settings.min_share is not None:
        counts = {k: partition.assignment.counts for k, partition in partitions.items()}
        bounds.append(Bound("min_share", settings.min_share, f"the {settings.rows.many}", counts))
    if settings.min_value_share is not None and settings.value_column is not None and worth is not None:
        progress.begin(f"adding up what the {settings.rows.many} are worth")
        sums = worth.by_segment(origin, {k: partition.fit.centroids for k, partition in partitions.items()})
        if not np.sum(sums[min(sums)]) > 0:
            raise settings.refusal(
                "min_value_share",
                f"the sum of {settings.value_column} isn't above 0, so there are no shares of it; remove the setting",
            )
        bounds.append(Bound("min_value_share", settings.min_value_share, settings.word(settings.value_column), sums))
    found: dict[int, str] = {}
    for bound in bounds:
        found = bound.too_small(shows_share=settings.suppress_below is None) | found
    return found


def _check_can_choose(
    partitions: dict[int, Partition], too_small: dict[int, str], settings: Settings, starts: Floats | None
) -> None:
    fixed = len(starts) if starts is not None else settings.n_clusters
    if isinstance(fixed, int) and fixed in too_small:
        if starts is not None:
            raise settings.refusal("init", f"{too_small[fixed]}; give other centroids, or lower that")
        raise settings.refusal("n_clusters", f"{too_small[fixed]}; lower one of the two, or set n_clusters to auto")
    if len(too_small) == len(partitions):
        fewest = min(partitions)
        raise settings.refusal(
            "min_clusters",
            f"no number of segments from {fewest} to {max(partitions)} can be chosen, because at {fewest}, "
            f"{too_small[fewest]}; lower one of the two",
        )


def _selected(
    partitions: dict[int, Partition],
    settings: Settings,
    starts: Floats | None,
    resampling: Resampling,
    too_small: dict[int, str],
) -> Selection:
    def stability(several: list[int]) -> dict[int, float]:
        progress.begin(f"comparing slices of the {settings.rows.many}")
        return {k: float(resampling.stability(partitions[k].fit.centroids, QUICK).mean()) for k in several}

    qualities = {k: partition.quality for k, partition in partitions.items()}
    evidence = {k: partition.evidence for k, partition in partitions.items()}
    tried = Tried(
        {k: partition.assignment.total_inertia for k, partition in partitions.items()},
        {k: None if quality is None else quality.mean_silhouette for k, quality in qualities.items()},
        natural(evidence),
        {k: of_k.n_groups for k, of_k in evidence.items()},
        any(quality is not None and quality.silhouette.standard_error is not None for quality in qualities.values()),
        stability,
        settings.without_groups,
        settings.rows.many,
    )
    of_allowed = natural({k: of_k for k, of_k in evidence.items() if k not in too_small})
    allowed = replace(tried, natural=of_allowed, too_small=too_small) if too_small else None
    return select(settings.rule if starts is None else len(starts), tried, allowed)
