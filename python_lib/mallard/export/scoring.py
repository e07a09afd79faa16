"""From raw columns to segments and distances, as a program for libraries of arrays."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from mallard.inputs.sizes import LARGEST_SQUARED, LARGEST_SUMMED
from mallard.kmeans.metric import METRICS
from mallard.sql.scaled_expression import Arithmetic
from mallard.tables.stored import NO_RADIUS, StoredLimit, StoredSegmentation

V = TypeVar("V")

MISSING = math.nan
"""A number that is missing, in rows and in results."""
MISSING_TEXT = "\N{SYMBOL FOR NULL}"
"""A text that is missing: neither TensorFlow nor ONNX knows of texts that aren't there."""
NO_SEGMENT = 0
"""The id of a segment that a row doesn't get. Ids count from 1."""

DIRECTIONS_KEEP = 1e12
"""Directions are rounded to so many parts of 1, as the macro `directions` does."""


class Arrays(Arithmetic[V], ABC, Generic[V]):
    """A library of arrays. What the SQL says is of shape (n_rows, n_positions), with NaN where it is missing."""

    @abstractmethod
    def sqrt(self, a: V) -> V: ...

    @abstractmethod
    def absolute(self, a: V) -> V: ...

    @abstractmethod
    def rounded(self, a: V) -> V:
        """To whole numbers."""

    @abstractmethod
    def is_greater(self, a: V, b: V) -> V: ...

    @abstractmethod
    def is_missing(self, a: V) -> V: ...

    @abstractmethod
    def either(self, condition: V, a: V, b: V) -> V:
        """One where the condition holds, the other elsewhere."""

    @abstractmethod
    def sum(self, a: V) -> V:
        """Over the positions, which become one."""

    @abstractmethod
    def beside(self, parts: Sequence[V]) -> V:
        """All positions of all parts."""

    @abstractmethod
    def smallest(self, a: V, n: int) -> tuple[V, V]:
        """The smallest numbers, and their positions; of equal ones, the first comes first."""

    @abstractmethod
    def at(self, a: V, position: int) -> V:
        """One position, of shape (n_rows, 1)."""

    @abstractmethod
    def flat(self, a: V) -> V:
        """A single position, of shape (n_rows,)."""

    @abstractmethod
    def one_of(self, ids: Sequence[int], places: V) -> V:
        """The ids at these places."""

    @abstractmethod
    def id(self, value: int) -> V:
        """An id that is the same in each row."""

    def missing(self) -> V:
        return self.constant([MISSING])

    def ln(self, a: V) -> V:
        return self.either(self.is_greater(a, self.constant([0.0])), self.logarithm(a), self.missing())

    @abstractmethod
    def logarithm(self, a: V) -> V:
        """Of positive numbers."""

    def in_range(self, a: V, above: float | None) -> V:
        small = self.either(self.is_greater(self.absolute(a), self.constant([LARGEST_SQUARED])), self.missing(), a)
        return (
            small
            if above is None
            else self.either(self.is_greater(small, self.constant([above])), small, self.missing())
        )

    def filled(self, a: V, filler: V) -> V:
        return self.either(self.is_missing(a), filler, a)


def scores(stored: StoredSegmentation, arrays: Arrays[V]) -> dict[str, V]:
    """The columns that scoring adds, but for names, by their names in SQL; each of shape (n_rows,)."""
    is_spherical = METRICS[stored.metric].spherical
    one = arrays.constant([1.0])
    scaled = arrays.beside([feature.told_to(arrays) for feature in stored.features])
    if is_spherical:
        scaled = _directions(scaled, arrays)
    squared = arrays.beside(
        [_squares(arrays.subtract(scaled, arrays.constant(segment.centroid)), arrays) for segment in stored.segments]
    )
    squared = arrays.either(arrays.is_greater(squared, arrays.constant([LARGEST_SUMMED])), arrays.missing(), squared)
    if stored.limit is not None:
        squared = arrays.either(_is_too_far(squared, stored.limit, is_spherical, arrays), arrays.missing(), squared)
    has_none = arrays.is_missing(arrays.sum(squared))
    nearest, places = arrays.smallest(arrays.filled(squared, one), min(2, len(stored.segments)))
    ids = arrays.either(has_none, arrays.id(NO_SEGMENT), arrays.one_of([of.id for of in stored.segments], places))
    distances = arrays.divide(nearest, arrays.constant([2.0])) if is_spherical else arrays.sqrt(nearest)
    distances = arrays.either(has_none, arrays.missing(), distances)
    if len(stored.segments) == 1:
        ids = arrays.beside([ids, arrays.either(has_none, arrays.id(NO_SEGMENT), arrays.id(NO_SEGMENT))])
        distances = arrays.beside([distances, arrays.either(has_none, arrays.missing(), arrays.missing())])
    distance, second = arrays.at(distances, 0), arrays.at(distances, 1)
    # Where the second distance is 0 too, or there is no second segment, there is no doubt.
    ratio = arrays.either(
        arrays.is_greater(second, arrays.constant([0.0])), arrays.divide(distance, second), arrays.constant([0.0])
    )
    confidence = arrays.either(has_none, arrays.missing(), arrays.subtract(one, ratio))
    found = {
        "segment_id": arrays.at(ids, 0),
        "distance_to_centroid": distance,
        "second_segment_id": arrays.at(ids, 1),
        "distance_to_second_centroid": second,
        "confidence": confidence,
    }
    return {name: arrays.flat(column) for name, column in found.items()}


def _is_too_far(squared: V, limit: StoredLimit, is_spherical: bool, arrays: Arrays[V]) -> V:
    """Whether a row is beyond the limit of every segment, shape (n_rows, 1)."""
    distances = arrays.divide(squared, arrays.constant([2.0])) if is_spherical else arrays.sqrt(squared)
    radii = arrays.constant([radius or NO_RADIUS for radius in limit.radii])
    normalized = arrays.filled(arrays.divide(distances, radii), arrays.constant([0.0]))
    nearest, _ = arrays.smallest(normalized, 1)
    return arrays.is_greater(nearest, arrays.constant([limit.max_distance]))


def _directions(scaled: V, arrays: Arrays[V]) -> V:
    """Rows of length 1, missing where the length is 0."""
    length = arrays.sqrt(_squares(scaled, arrays))
    has_length = arrays.is_greater(length, arrays.constant([0.0]))
    parts = arrays.constant([DIRECTIONS_KEEP])
    direction = arrays.divide(scaled, arrays.either(has_length, length, arrays.missing()))
    return arrays.divide(arrays.rounded(arrays.multiply(direction, parts)), parts)


def _squares(differences: V, arrays: Arrays[V]) -> V:
    """The sum of squares."""
    return arrays.sum(arrays.multiply(differences, differences))
