"""What a segmentation can be told, and what it refuses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mallard.errors import MallardError
from mallard.selection import SELECTION_RULES

MAX_RANDOM_STATE = 2**32 - 1
COMPRESSIONS = ("auto", "exact", "coreset", "none")
MIN_POINTS = 1000


@dataclass(frozen=True)
class Settings:
    """The settings of a segmentation; dbt_project.yml describes each, under its name with `mallard_` before it.

    Raises:
        MallardError: one of them makes no sense.
    """

    features: tuple[str, ...]
    feature_words: Mapping[str, str]
    scaling: str
    min_clusters: int
    max_clusters: int
    selection: str | int
    n_init: int
    random_state: int
    compression: str
    max_points: int

    @classmethod
    def from_meta(cls, meta: Mapping[str, Any]) -> Settings:
        """From the `meta` of a dbt model."""
        return cls(**{**meta, "features": tuple(meta["features"])})

    def __post_init__(self) -> None:
        self._check_integer("min_clusters", 1)
        self._check_integer("max_clusters", 1)
        self._check_integer("n_init", 1)
        self._check_integer("random_state", 0, MAX_RANDOM_STATE)
        self._check_integer("max_points", MIN_POINTS)
        if self.compression not in COMPRESSIONS:
            raise self.refusal("compression", f"choose from {', '.join(COMPRESSIONS)}")
        if self.min_clusters > self.max_clusters:
            raise self.refusal("min_clusters", f"it is above max_clusters, {self.max_clusters}; make it that or less")
        if not isinstance(self.feature_words, Mapping):
            raise self.refusal("feature_words", "give it as {column: word, ...}")
        is_number = isinstance(self.selection, int) and not isinstance(self.selection, bool)
        if self.selection not in (self.n_clusters if is_number else SELECTION_RULES):
            rules = ", ".join(SELECTION_RULES)
            numbers = f"a number from min_clusters to max_clusters ({self.min_clusters} to {self.max_clusters})"
            raise self.refusal("selection", f"choose from {rules}, or {numbers}")

    @property
    def n_clusters(self) -> range:
        """The values of k to try."""
        return range(self.min_clusters, self.max_clusters + 1)

    def words(self) -> list[str]:
        """What to call each feature."""
        return [str(self.feature_words.get(feature, feature.replace("_", " "))) for feature in self.features]

    def refusal(self, name: str, remedy: str) -> MallardError:
        """The error to raise over a setting."""
        return MallardError(f"setting mallard_{name} is {getattr(self, name)!r}: {remedy}.")

    def _check_integer(self, name: str, lowest: int, highest: int | None = None) -> None:
        value = getattr(self, name)
        is_integer = isinstance(value, int) and not isinstance(value, bool)
        if not is_integer or value < lowest or (highest is not None and value > highest):
            bounds = f"of {lowest} or more" if highest is None else f"from {lowest} to {highest}"
            raise self.refusal(name, f"set it to a whole number {bounds}")
