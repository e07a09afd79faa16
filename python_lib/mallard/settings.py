"""What a segmentation can be told, and what it refuses.

Every setting is defined here, with its default, the values it may have and what it means.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, NamedTuple, TypeVar, get_type_hints

from mallard.compression import LARGEST_WEIGHT, SMALLEST_WEIGHT
from mallard.errors import MallardError
from mallard.selection import SELECTION_RULES

SCALES = ("standard", "minmax", "robust", "log1p+standard", "none")
NULLS = ("exclude", "mean", "median", "error")
METRICS = ("euclidean", "cosine")
INITS = ("k-means++", "random")
COMPRESSIONS = ("auto", "exact", "coreset", "none")
MAX_RANDOM_STATE = 2**32 - 1
DEFAULT_RANGE = (1, 10)
OWN_KEYS = "; if it is a key of your own in meta, put the settings under mallard beside it"


class Values(NamedTuple):
    """The values that a setting may have.

    Attributes:
        remedy: what to do instead of any other value; it follows a colon.
        include: whether a value is one of them.
        description: for a table of all settings.
    """

    remedy: str
    include: Callable[[Any], bool]
    description: str


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _whole_number(lowest: int, highest: int | None = None) -> Values:
    bounds = f"of {lowest} or more" if highest is None else f"from {lowest} to {highest}"

    def include(value: Any) -> bool:
        return _is_whole(value) and value >= lowest and (highest is None or value <= highest)

    return Values(f"set it to a whole number {bounds}", include, f"whole number {bounds}")


def _one_of(*values: str) -> Values:
    listed = ", ".join(values)
    return Values(f"choose from {listed}", lambda value: isinstance(value, str) and value in values, listed)


def _maybe(values: Values) -> Values:
    return values._replace(include=lambda value: value is None or values.include(value))


def _is_features(value: Any) -> bool:
    return isinstance(value, list | tuple | Mapping) and all(isinstance(name, str) for name in value)


COLUMN = Values("give the name of a column", lambda value: isinstance(value, str) and value != "", "a column")
FEATURES = Values(
    "give columns as a list, or as {column: {scale: ..., weight: ...}, ...}",
    lambda value: _is_features(value) and len(value) > 0,
    "list of columns, or {column: {scale, weight}, ...}",
)
WORDS = Values("give it as {column: word, ...}", lambda value: isinstance(value, Mapping), "{column: word, ...}")
AUTO_OR_NUMBER = Values(
    "set it to auto or to a whole number of 1 or more",
    lambda value: value == "auto" or (_is_whole(value) and value >= 1),
    "auto, or whole number of 1 or more",
)
INIT = Values(
    f"choose from {', '.join(INITS)}, or name a model or seed that gives the centroids",
    lambda value: isinstance(value, str) and value != "",
    f"{', '.join(INITS)}, a model or seed",
)
WEIGHT = Values(
    "set it to a number above 0",
    lambda value: isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < float("inf"),
    "number above 0",
)


S = TypeVar("S", bound="_Settings")


class _Settings:
    """Dataclass fields, each annotated with its type, the values that it may have, and what it means."""

    def __post_init__(self) -> None:
        for name, (values, _) in described(type(self)).items():
            if not values.include(getattr(self, name)):
                raise self.refusal(name, values.remedy)

    def refusal(self, name: str, remedy: str) -> MallardError:
        """The error to raise over a setting."""
        return MallardError(f"setting {name} is {_shown(getattr(self, name))}: {remedy}.")


@dataclasses.dataclass(frozen=True)
class FeatureSettings(_Settings):
    """What customers are compared by.

    Raises:
        MallardError: one of the settings makes no sense.
    """

    id: Annotated[str | None, _maybe(COLUMN), "Identifies a customer; unique and never null. It has to be given."] = (
        None
    )
    features: Annotated[
        list[str] | Mapping[str, Any] | None,
        _maybe(FEATURES),
        "What customers are compared by; every column but the id, if left out. Each may have a `scale` and a `weight`.",
    ] = None
    scale: Annotated[
        str,
        _one_of(*SCALES),
        "How numeric features are made comparable: standard, (x - mean) / population standard deviation; minmax, (x - "
        "min) / (max - min); robust, (x - median) / interquartile range; log1p+standard, the first, of ln(1 + x); "
        "none, as they are. Categories, booleans and vectors stay as they are, unless `features` says otherwise.",
    ] = "standard"
    nulls: Annotated[
        str,
        _one_of(*NULLS),
        "What becomes of a customer without a value (null, NaN or infinite) in a feature: exclude, no segment; mean or "
        "median, that of the feature is filled in; error, a reason to stop.",
    ] = "exclude"
    constant_features: Annotated[
        str,
        _one_of("error", "drop"),
        "What becomes of a column that doesn't vary: error, a reason to stop; drop, left out.",
    ] = "error"
    max_categories: Annotated[
        int,
        _whole_number(2),
        "Different texts that a column may have to be taken for categories; each becomes a feature.",
    ] = 50

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.features, Mapping):
            for feature, given in self.features.items():
                self._check_feature(feature, given)

    def of_feature(self, column: str, name: str, default: Any) -> Any:
        """The `scale` or `weight` of a column."""
        if isinstance(self.features, Mapping):
            return (self.features.get(column) or {}).get(name, default)
        return default

    def _check_feature(self, feature: str, given: Any) -> None:
        allowed = {"scale": _one_of(*SCALES), "weight": WEIGHT}
        if given is None:
            return
        if not isinstance(given, Mapping) or not given.keys() <= allowed.keys():
            raise self.refusal("features", f"give '{feature}' as {{scale: ..., weight: ...}}, or one of the two")
        for name, value in given.items():
            if not allowed[name].include(value):
                raise self.refusal("features", f"{name} of '{feature}' is {_shown(value)}; {allowed[name].remedy}")


@dataclasses.dataclass(frozen=True)
class ClusterSettings(_Settings):
    """How many segments there may be, and how they are found.

    Raises:
        MallardError: one of the settings makes no sense.
    """

    n_clusters: Annotated[
        str | int, AUTO_OR_NUMBER, "How many segments: as many as `selection` chooses, or this number."
    ] = "auto"
    min_clusters: Annotated[
        int | None,
        _maybe(_whole_number(1)),
        "The smallest number tried; 1 if left out, or n_clusters if that is a number.",
    ] = None
    max_clusters: Annotated[
        int | None,
        _maybe(_whole_number(1)),
        "The largest number tried; 10 if left out, or n_clusters if that is a number.",
    ] = None
    selection: Annotated[
        str,
        _one_of(*SELECTION_RULES),
        "Which of the numbers tried: the elbow of the inertia curve (the silhouette decides where there is none), or "
        "the one with the highest silhouette.",
    ] = "elbow"
    weight_column: Annotated[
        str | None,
        _maybe(COLUMN),
        "How often a customer counts, above 0; once, if left out. A customer of weight 2 is as two that are alike.",
    ] = None
    metric: Annotated[
        str,
        _one_of(*METRICS),
        "What is near: euclidean, the straight distance; cosine, 1 - the cosine of the angle between two customers, "
        "who are then compared by how their features relate to each other, whatever their size.",
    ] = "euclidean"
    init: Annotated[
        str,
        INIT,
        "Where to start: k-means++, at customers drawn far from each other; random, at customers drawn all with the "
        "same chance; or the name of a model or seed with the centroids, see "
        "[start from given centroids](start-from-centroids.md).",
    ] = "k-means++"
    n_init: Annotated[int, _whole_number(1), "Random starts for each number of clusters, before the local search."] = 10
    random_state: Annotated[
        int,
        _whole_number(0, MAX_RANDOM_STATE),
        "The same data, settings and random state give the same tables.",
    ] = 0
    compression: Annotated[
        str,
        _one_of(*COMPRESSIONS),
        "What is clustered in place of the customers: exact, the distinct ones with their number; coreset, few "
        "weighted points, with a polish on all customers; none, every customer; auto, exact if that fits max_points, "
        "else coreset.",
    ] = "auto"
    max_points: Annotated[
        int, _whole_number(1000), "Points that may stand for the customers: more take longer and gain little."
    ] = 20_000
    feature_words: Annotated[
        Mapping[str, Any] | None,
        _maybe(WORDS),
        "What segment names call a feature, or a column that gives several; without an entry, its name with spaces for "
        "underscores.",
    ] = None

    def __post_init__(self) -> None:
        super().__post_init__()
        lowest, highest = self._range
        if lowest > highest:
            name, remedy = (
                ("max_clusters", f"it is below the smallest number tried, {lowest}; make it that or more")
                if self.min_clusters is None
                else ("min_clusters", f"it is above the largest number tried, {highest}; make it that or less")
            )
            raise self.refusal(name, remedy)
        if self.n_clusters != "auto" and self.n_clusters not in self.tried:
            raise self.refusal(
                "n_clusters", f"only {lowest} to {highest} are tried; change min_clusters and max_clusters, or it"
            )

    @property
    def tried(self) -> range:
        """The values of k to try."""
        lowest, highest = self._range
        return range(lowest, highest + 1)

    @property
    def rule(self) -> str | int:
        """How one of them is chosen, for `mallard.selection.select`."""
        return self.selection if self.n_clusters == "auto" else self.n_clusters

    def no_weights(self, n_without: int, n_customers: int) -> MallardError:
        """The error to raise over customers without a usable weight."""
        return self.refusal(
            "weight_column",
            f"it isn't a number above 0 (from {SMALLEST_WEIGHT:g} to {LARGEST_WEIGHT:g}) for {n_without:,} of "
            f"{n_customers:,} customers; make it one, or leave them out",
        )

    def words(self, features: Sequence[str]) -> list[str]:
        """What to call each feature."""
        return [self._word(feature) for feature in features]

    def _word(self, feature: str) -> str:
        """That of the feature itself, or that of its column before the category or the place in a vector."""
        words = self.feature_words or {}
        column = re.split(r"[=\[]", feature, maxsplit=1)[0]
        if feature not in words and column in words:
            return str(words[column]) + feature.removeprefix(column)
        return str(words.get(feature, feature.replace("_", " ")))

    @property
    def _range(self) -> tuple[int, int]:
        lowest, highest = (self.n_clusters, self.n_clusters) if isinstance(self.n_clusters, int) else DEFAULT_RANGE
        return (
            lowest if self.min_clusters is None else self.min_clusters,
            highest if self.max_clusters is None else self.max_clusters,
        )


def described(kind: type[_Settings]) -> dict[str, tuple[Values, str]]:
    """For each setting the values that it may have, and what it means."""
    return {name: hint.__metadata__ for name, hint in get_type_hints(kind, include_extras=True).items()}


def read(kind: type[S], meta: Mapping[str, Any], *others: type[_Settings]) -> S:
    """The settings of one kind from the `meta` of a dbt model, which may have those of other kinds as well."""
    if not isinstance(meta, Mapping):
        raise MallardError(f"the settings are {_shown(meta)}: give them as {{setting: value, ...}}.")
    kinds: tuple[type[_Settings], ...] = (kind, *others)
    known = [name for one in kinds for name in described(one)]
    for name, value in meta.items():
        if name not in known:
            nearest = get_close_matches(str(name), known, n=1, cutoff=0.5)
            remedy = f"did you mean {nearest[0]}?" if nearest else f"choose from {', '.join(known)}{OWN_KEYS}."
            raise MallardError(f"setting {name} is {_shown(value)}: there is no such setting; {remedy}")
    return kind(**{name: meta[name] for name in described(kind) if name in meta})


def _shown(value: Any) -> str:
    """As people write it in YAML, and as macros show it."""
    return json.dumps(value, ensure_ascii=False, default=str)
