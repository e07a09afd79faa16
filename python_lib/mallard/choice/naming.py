"""Segment names: what sets each segment apart, as people say it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mallard.choice.vocabulary import CLEAR, MOST, Trait, phrase_of_share, phrases_of, short
from mallard.kmeans.assignment import Assignment
from mallard.kmeans.points import Floats, WeightedPoints

MAX_PHRASES = 3
LONGEST_NAME = 45
"""Letters that fit into the legend of a chart. The first phrase counts, however long it is."""
MUCH_MORE = 1.5
"""A feature comes before an earlier one only if it is as many times more distinctive, so that names don't change with
every small change of the data."""
TELLING = 1.0
"""Beside vectors, numbers give names only if the means of segments differ by this many standard deviations."""
ROUNDING = 1e-12
"""A feature whose standard deviation is at most this fraction of its mean varies only by rounding."""


@dataclass(frozen=True)
class Naming:
    """What names are made of.

    Attributes:
        is_number: whether a coordinate is a number, and no position of a vector, shape (n_features,).
        traits: the numbers.
        bounds: the smallest and largest value of each number in scaled units, shape (n_numbers, 2); for a feature of 0
            and 1, what these are scaled to. NaN if a mean between them says nothing about a share.
        many: what the customers are called.
    """

    is_number: NDArray[np.bool_]
    traits: Sequence[Trait]
    bounds: Floats
    many: str

    def names(self, points: WeightedPoints, centroids: Floats, assignment: Assignment) -> list[str] | None:
        """Names of the segments by the features that are numbers; None if vectors tell the segments apart.

        Args:
            points: they stand for all customers.
            centroids: shape (n_segments, n_features).
            assignment: of all customers to the segments.
        """
        if not self.traits:
            return None
        with np.errstate(invalid="ignore"):
            means = np.where(assignment.counts[:, None] > 0, assignment.means, centroids)
        deviation = points.standard_deviation
        varies = deviation > ROUNDING * np.abs(points.mean)
        z_scores = np.where(varies, (means - points.mean) / np.where(varies, deviation, 1.0), 0.0)[:, self.is_number]
        if not self.is_number.all() and np.ptp(z_scores, axis=0).max() < TELLING:
            return None
        reach = self.bounds[:, 1] - self.bounds[:, 0]
        shares = (means[:, self.is_number] - self.bounds[:, 0]) / np.where(reach == 0, 1.0, reach)
        return name_segments(z_scores, shares, self.traits, self.many)


def name_segments(z_scores: Floats, shares: Floats, traits: Sequence[Trait], many: str) -> list[str]:
    """Name each segment by what sets it apart, most distinctive first, such as "low income, high spending".

    A name has up to three phrases, each about a feature whose mean is at least half a standard deviation from that of
    all, and one of the categories of a column at most. If there is none, the feature that is farthest away counts, and
    if that is near too, the name is "average customers". Segments that would share a name get their rank on the feature
    on which they differ most.

    Args:
        z_scores: z-scores of the segment means among all customers, shape (n_segments, n_features).
        shares: means of the features that are shares, 0 to 1, shape (n_segments, n_features); others aren't looked at.
        traits: the features.
        many: what the customers are called.
    """
    phrases = phrases_of([trait.label for trait in traits])

    def said(segment: int, feature: int) -> str | None:
        z_score, trait = float(z_scores[segment, feature]), traits[feature]
        if trait.is_share:
            return phrase_of_share(trait.label, z_score, float(shares[segment, feature]))
        return phrases[feature].of(z_score)

    names = []
    for segment in range(len(z_scores)):
        features = _distinctive(z_scores[segment], shares[segment], traits)
        names.append(_joined([phrase for feature in features if (phrase := said(segment, feature))]))
    names = [name or f"average {many}" for name in names]
    return _told_apart(names, z_scores, traits)


def _distinctive(z_scores: Floats, shares: Floats, traits: Sequence[Trait]) -> list[int]:
    """The features to name a segment by, most distinctive first."""
    columns = [trait.column for trait in traits]
    sizes = np.abs(z_scores)
    left = [feature for feature in range(len(traits)) if sizes[feature] >= CLEAR] or [int(np.argmax(sizes))]
    left = _one_of_each_column(left, z_scores, shares, columns)
    ordered: list[int] = []
    while left and len(ordered) < MAX_PHRASES:
        most = max(sizes[feature] for feature in left)
        first = next(feature for feature in left if sizes[feature] * MUCH_MORE >= most)
        ordered.append(first)
        left.remove(first)
    return ordered


def _one_of_each_column(
    features: Sequence[int], z_scores: Floats, shares: Floats, columns: Sequence[str | None]
) -> list[int]:
    """The features without all but the most telling category of a column: one that most have, or the farthest away."""
    best: dict[str, int] = {}
    for feature in features:
        column = columns[feature]
        if column is not None:
            best[column] = max(
                best.get(column, feature),
                feature,
                key=lambda of: (bool(z_scores[of] > 0 and shares[of] >= MOST), abs(z_scores[of])),
            )
    return [feature for feature in features if columns[feature] is None or best[columns[feature] or ""] == feature]


def _joined(phrases: Sequence[str]) -> str:
    name = ""
    for phrase in phrases:
        longer = f"{name}, {phrase}" if name else phrase
        if name and len(longer) > LONGEST_NAME:
            break
        name = longer
    return name


def _told_apart(names: Sequence[str], z_scores: Floats, traits: Sequence[Trait]) -> list[str]:
    """The names; those that are alike with their rank where they differ most."""
    apart = list(names)
    for name in set(names):
        alike = [segment for segment, other in enumerate(names) if other == name]
        if len(alike) > 1:
            feature = int(np.argmax(np.ptp(z_scores[alike], axis=0)))
            label = short(traits[feature].label)
            ranked = sorted(alike, key=lambda segment: z_scores[segment, feature])
            for place, segment in enumerate(ranked):
                apart[segment] += f" ({_rank(place, len(ranked))} {label})"
    return apart


def _rank(place: int, n_alike: int) -> str:
    """Rank from lowest to highest, in words."""
    if n_alike == 2:
        return "higher" if place else "lower"
    return {0: "lowest", n_alike - 1: "highest"}.get(place, f"number {place + 1} from the lowest")
