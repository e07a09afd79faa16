"""The settings of a segmentation: each with its default, the values it accepts and its meaning."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, NamedTuple, get_type_hints

from mallard.choice.selection import SELECTION_RULES, WITHOUT_GROUPS
from mallard.errors import MallardError
from mallard.inputs.scales import AUTO, CHOICES
from mallard.inputs.values import (
    AUTO_OR_NUMBER,
    COLUMN,
    COLUMNS,
    CONTAMINATION,
    DISTANCE,
    ENTITY,
    FEATURES,
    FRACTION,
    NAMES,
    PUBLISH,
    RELATION,
    RULES,
    TRUE_OR_FALSE,
    WEIGHT,
    WORDS,
    Values,
    maybe,
    one_of,
    shown,
    whole_number,
)
from mallard.kmeans.metric import METRICS
from mallard.nouns import CUSTOMER, Noun, noun

NULLS = ("exclude", "mean", "median", "error")
SMALL_GROUPS = ("error", "pool")
REFITS = ("when_needed", "always", "never")
INITS = ("k-means++", "random")
NEAREST, BY_RULES = "nearest", "rules"
ASSIGNMENTS = (NEAREST, BY_RULES)
COMPRESSIONS = ("auto", "exact", "coreset", "none")
MAX_RANDOM_STATE = 2**32 - 1
MAX_INIT = 10_000
DEFAULT_RANGE = (1, 10)
NUMBER_AS_TEXT = "; this is text: remove the quotation marks, or add the filter as_number to an environment variable"

FEATURES_OF = "What customers are compared by"
CLUSTERS_OF = "How many segments there are, and how they are found"
GROUPS_OF = "Which customers are compared with each other"
LIFECYCLE_OF = "What becomes of the segments over time"
PROFILES_OF = "What is said about the segments"
TABLES_OF = "What becomes of the tables"
GROUPS = (FEATURES_OF, CLUSTERS_OF, GROUPS_OF, LIFECYCLE_OF, PROFILES_OF, TABLES_OF)
"""The headings under which settings are listed."""


class Described(NamedTuple):
    """What is known of a setting besides its type and default.

    Attributes:
        values: those that it accepts.
        meaning: one or two sentences.
        group: one of `GROUPS`.
        composable: whether a Python model that calls `fit_segments` may have it.
    """

    values: Values
    meaning: str
    group: str
    composable: bool


def _features(values: Values, meaning: str) -> Described:
    return Described(values, meaning, FEATURES_OF, composable=False)


def _clusters(values: Values, meaning: str, composable: bool = True) -> Described:
    return Described(values, meaning, CLUSTERS_OF, composable)


def _groups(values: Values, meaning: str) -> Described:
    return Described(values, meaning, GROUPS_OF, composable=False)


def _profiles(values: Values, meaning: str, composable: bool = False) -> Described:
    return Described(values, meaning, PROFILES_OF, composable)


def _lifecycle(values: Values, meaning: str) -> Described:
    return Described(values, meaning, LIFECYCLE_OF, composable=False)


@dataclasses.dataclass(frozen=True)
class Settings:
    """Everything that a segmentation can be told.

    Raises:
        MallardError: a setting has a value that it doesn't accept, or two settings contradict each other.
    """

    id: Annotated[
        str | None,
        _features(maybe(COLUMN), "The column that identifies a row: unique and never null. Required."),
    ] = None
    features: Annotated[
        list[str] | Mapping[str, Any] | None,
        _features(
            maybe(FEATURES),
            "The columns that customers are compared by. Default: every column except the id and the weight. Each can "
            "have a `scale` and a `weight` of its own. A list says their order; a mapping takes that of the select.",
        ),
    ] = None
    scale: Annotated[
        str,
        _features(
            one_of(*CHOICES),
            "How [numeric features are made comparable](../how-to/choose-scales.md). "
            + "; ".join(f"`{name}`: {meaning}" for name, meaning in CHOICES.items())
            + ". A column of categories and a boolean count as one standardised number each, or stay 0 and 1 with "
            "`minmax` and `none`. Vectors stay as they are. `features` may say otherwise.",
        ),
    ] = AUTO
    nulls: Annotated[
        str,
        _features(
            one_of(*NULLS),
            "What to do with a customer who lacks a value (null, NaN or infinite) in a feature. `exclude`: give no "
            "segment, and say why; `mean`, `median`: fill in that of the feature; `error`: stop.",
        ),
    ] = "exclude"
    constant_features: Annotated[
        str,
        _features(
            one_of("error", "drop"),
            "What to do with a column that has the same value for all customers. `error`: stop; `drop`: leave it out.",
        ),
    ] = "error"
    max_categories: Annotated[
        int,
        _features(
            whole_number(2),
            "The most distinct texts that a column of categories may have. Each becomes a feature of 0 or 1.",
        ),
    ] = 50
    n_clusters: Annotated[
        str | int,
        _clusters(AUTO_OR_NUMBER, "The number of segments: `auto` lets `selection` choose."),
    ] = "auto"
    min_clusters: Annotated[
        int | None,
        _clusters(maybe(whole_number(1)), "The smallest number to try. Default: 1, or `n_clusters` if it is a number."),
    ] = None
    max_clusters: Annotated[
        int | None,
        _clusters(
            maybe(whole_number(1)),
            "The largest number to try. Default: 10, or 20 if there may be more than 10 groups; `n_clusters` if it is "
            "a number.",
        ),
    ] = None
    selection: Annotated[
        str,
        _clusters(
            one_of(*SELECTION_RULES),
            "How `auto` chooses. `evidence`: as many segments as there are groups, which are those that have fewer "
            "customers at every border than inside; `elbow`: at the elbow of the inertia curve, or by silhouette if "
            "the curve has none; `silhouette`: the highest silhouette.",
        ),
    ] = "evidence"
    without_groups: Annotated[
        str,
        _clusters(
            one_of(*WITHOUT_GROUPS),
            "What `evidence` does where there are no separate groups. `slices`: cut the one cloud of customers into "
            "the 3 to 6 slices that come back best when customers are drawn anew; `one`: make a single segment.",
        ),
    ] = "slices"
    min_share: Annotated[
        float | None,
        _clusters(
            maybe(FRACTION),
            "The least share of the customers, by weight if they have one, that [a segment may "
            "have](../how-to/demand-a-minimum-size.md), such as `0.05`. Smaller segments are merged into others, and a "
            "number of segments that leaves smaller ones isn't chosen. Default: any.",
        ),
    ] = None
    min_value_share: Annotated[
        float | None,
        _clusters(
            maybe(FRACTION),
            "The least share of the sum of `value_column` that a segment may have. A number of segments that leaves "
            "one with less isn't chosen. Default: any.",
            composable=False,
        ),
    ] = None
    group_by: Annotated[
        str | None,
        _groups(
            maybe(COLUMN),
            "The column of which each value has [a segmentation of its own](../how-to/segment-by-group.md), such as "
            "`country`: segments, versions and fits of a group don't depend on the others. Default: all customers "
            "together.",
        ),
    ] = None
    smallest_group: Annotated[
        int | None,
        _groups(
            maybe(whole_number(1)),
            "How many rows a group must have. Default: what a fit needs at least, two rows or `min_clusters`.",
        ),
    ] = None
    small_groups: Annotated[
        str,
        _groups(
            one_of(*SMALL_GROUPS),
            "What to do with groups that have fewer rows. `error`: stop, and name them; `pool`: segment them together, "
            "as the group `other`.",
        ),
    ] = "error"
    refit: Annotated[
        str,
        _lifecycle(
            one_of(*REFITS),
            "When a build fits again. `when_needed`: if the settings, the columns or the method changed, or the data "
            "drifted; `always`; `never`: only if there is no version yet. Otherwise the version that is there scores.",
        ),
    ] = "when_needed"
    stability: Annotated[
        float,
        _lifecycle(
            FRACTION,
            "How much larger, as a fraction, the inertia of segments may be that are nearly those of the version "
            "before. 0: only the best found counts.",
        ),
    ] = 0.01
    names: Annotated[
        Mapping[str, Any] | str | None,
        _lifecycle(
            maybe(NAMES),
            "What [you call the segments](../how-to/name-segments.md), by their ids, as in `{'1': VIP}`; or a model or "
            "seed with the columns `segment_id` and `segment_name`. With `group_by`, for all groups, or by group: "
            "`{'DE': {'1': VIP}}`, or a column `group`. Default: generated names.",
        ),
    ] = None
    first_version_from: Annotated[
        str | None,
        _lifecycle(
            maybe(RELATION),
            "The segmentation whose version counts as the first where there is none, such as `prod.main.customers` in "
            "a developer's schema: its segments then have the same ids everywhere. Default: fit.",
        ),
    ] = None
    history_days: Annotated[
        int | None,
        _lifecycle(
            maybe(whole_number(1)),
            "How many days the tables beside the segmentation keep of earlier builds and versions. What the current "
            "version and the last build say stays. Default: everything.",
        ),
    ] = None
    weight_column: Annotated[
        str | None,
        _clusters(
            maybe(COLUMN),
            "How often each row counts; any number above 0. Default: once. A row with weight 2 counts as two identical "
            "customers.",
            composable=False,
        ),
    ] = None
    metric: Annotated[
        str,
        _clusters(
            one_of(*METRICS),
            "Distance measure. `euclidean`: straight-line distance; `cosine`: 1 - the cosine of the angle, which "
            "compares the proportions between features and ignores their overall size.",
        ),
    ] = "euclidean"
    init: Annotated[
        str,
        _clusters(
            Values(
                f"choose from {', '.join(INITS)}, or name a model or seed that has the centroids",
                lambda value: isinstance(value, str) and value != "",
                f"{', '.join(INITS)}, or the name of a model or seed",
            ),
            "Where the search starts. `k-means++`: at customers far from each other; `random`: at random customers; "
            "or [at given centroids](../how-to/start-from-centroids.md), in the model or seed of this name.",
        ),
    ] = "k-means++"
    n_init: Annotated[
        int,
        _clusters(
            whole_number(1, MAX_INIT), "Random starts for each number of segments, from which the search goes on."
        ),
    ] = 10
    random_state: Annotated[
        int,
        _clusters(
            whole_number(0, MAX_RANDOM_STATE),
            "Seed of the random starts. The same data, settings and seed give the same tables.",
        ),
    ] = 0
    compression: Annotated[
        str,
        _clusters(
            one_of(*COMPRESSIONS),
            "What is clustered in place of the customers. `exact`: the distinct ones, weighted by their number; "
            "`coreset`: few weighted points, followed by a polish on all customers; `none`: every customer; `auto`: "
            "`exact` if there are at most `max_points` distinct customers, else `coreset`.",
        ),
    ] = "auto"
    max_points: Annotated[
        int,
        _clusters(
            whole_number(1000), "The most points that stand for the customers. More take longer and improve little."
        ),
    ] = 20_000
    assignment: Annotated[
        str,
        _clusters(
            one_of(*ASSIGNMENTS),
            "What gives a row its segment. `nearest`: the nearest centroid; `rules`: [the rules](../how-to/"
            "explain-by-rules.md) that follow the segments of the nearest centroids, so that a `case` in any other "
            "tool gives the same.",
            composable=False,
        ),
    ] = NEAREST
    max_distance: Annotated[
        float | None,
        _clusters(
            maybe(DISTANCE),
            "How far from every centroid a row may be and still [get a segment](../how-to/find-outliers.md), in radii "
            "of the segments; `normalized_distance` says how far each is. Those beyond take part in the fit. Default: "
            "any distance.",
            composable=False,
        ),
    ] = None
    contamination: Annotated[
        float | None,
        _profiles(
            maybe(CONTAMINATION),
            "The share of rows that are [anomalies](../how-to/find-outliers.md), such as `0.01`: the columns "
            "`normalized_distance` and `is_anomaly` then say how far each row is from the centroids, and whether it is "
            "among the farthest. Default: no such columns.",
        ),
    ] = None
    main_reason: Annotated[
        bool,
        _profiles(
            TRUE_OR_FALSE,
            "Whether the column `main_reason` says which feature speaks most for the segment of a row against the "
            "second, in words, see [explain customers](../how-to/explain-customers.md).",
        ),
    ] = False
    entity: Annotated[
        str,
        _profiles(
            ENTITY,
            "What a row is called in names, messages and the report, such as `product`: one word or several, in the "
            "singular.",
            composable=True,
        ),
    ] = CUSTOMER.one
    feature_words: Annotated[
        Mapping[str, Any] | None,
        _profiles(
            maybe(WORDS),
            "What names, tables and the report call a feature or another column; a word for a column counts for every "
            "feature that it gives. Default: its name, with spaces for underscores.",
            composable=True,
        ),
    ] = None
    value_column: Annotated[
        str | None,
        _profiles(
            maybe(COLUMN),
            "A numeric column that says what each row is worth, such as `revenue`: profiles and report then say how "
            "much of it each segment has. Default: none.",
        ),
    ] = None
    profile_columns: Annotated[
        list[str] | None,
        _profiles(
            maybe(COLUMNS),
            "The columns, besides the features, by which the table `attributes` says what else is different about a "
            "segment. Default: all columns of numbers, texts, booleans and dates, but for those that aren't published; "
            "`[]`: none.",
        ),
    ] = None
    rules: Annotated[
        bool | Mapping[str, Any] | None,
        _profiles(
            maybe(RULES),
            "Whether there is a table `rules` of [conditions that follow the segments](../how-to/explain-by-rules.md). "
            "`true`: at most two for each segment, as few as do; `{max_leaves: n}`: at most n, which agree with the "
            "segments as often as they can. Default: `false`, or `true` if `assignment` is `rules`.",
        ),
    ] = None
    suppress_below: Annotated[
        int | None,
        Described(
            maybe(whole_number(2)),
            "The fewest customers of whom [tables and report show figures](../how-to/hide-small-groups.md), such as "
            "`5`: figures of fewer are null in the tables beside the customers, and so are those from which they could "
            "be deduced. Default: all figures are shown.",
            TABLES_OF,
            composable=False,
        ),
    ] = None
    publish: Annotated[
        bool | list[str],
        Described(
            PUBLISH,
            "Whether [publishing](../how-to/connect-a-bi-tool.md) includes this segmentation: `true`, `false`, or a "
            "list of `customers` and the names of tables beside it, such as `[customers, profiles]`.",
            TABLES_OF,
            composable=False,
        ),
    ] = True
    publish_exclude: Annotated[
        list[str] | None,
        Described(
            maybe(COLUMNS),
            "Columns of the customers to [leave out of what is published](../how-to/share-a-report.md), such as "
            "`[email]`. Default: none.",
            TABLES_OF,
            composable=False,
        ),
    ] = None

    def __post_init__(self) -> None:
        for name, setting in described().items():
            value = getattr(self, name)
            if not setting.values.include(value):
                is_text = isinstance(value, str) and value.strip().isdecimal() and setting.values.include(int(value))
                raise self.refusal(name, setting.values.remedy + NUMBER_AS_TEXT * is_text)
        if isinstance(self.features, Mapping):
            for feature, given in self.features.items():
                self._check_feature(feature, given)
        self._check_range()
        self._check_least_shares()
        self._check_assignment()

    def refusal(self, name: str, remedy: str) -> MallardError:
        """The error to raise over a setting."""
        return MallardError(f"setting {name} is {shown(getattr(self, name))}: {remedy}.")

    def of_feature(self, column: str, name: str, default: Any) -> Any:
        """The `scale` or `weight` of a column."""
        if isinstance(self.features, Mapping):
            return (self.features.get(column) or {}).get(name, default)
        return default

    @property
    def fills_in(self) -> bool:
        """Whether missing values are replaced."""
        return self.nulls in ("mean", "median")

    def word(self, feature: str, column: str | None = None) -> str:
        """What to call a feature or another column: its word, or that of its column before the category or position.

        Args:
            column: the column that the feature comes from, if that has another name.
        """
        words = self.feature_words or {}
        if feature in words or column is None or column == feature:
            return str(words.get(feature, feature.replace("_", " ")))
        what = feature.removeprefix(column)
        return self.word(column) + ("=(empty)" if what.strip() == "=" else what)

    @property
    def is_by_rules(self) -> bool:
        """Whether rules give the segments."""
        return self.assignment == BY_RULES

    @property
    def has_rules(self) -> bool:
        """Whether there are rules."""
        return self.is_by_rules or bool(self.rules)

    @property
    def max_leaves(self) -> int | None:
        """The most rules that there may be; None if the settings don't say."""
        return self.rules["max_leaves"] if isinstance(self.rules, Mapping) else None

    @property
    def rows(self) -> Noun:
        """What one row is called, and several."""
        return noun(self.entity)

    @property
    def tried(self) -> range:
        """The values of k to try."""
        lowest, highest = self._range
        return range(lowest, highest + 1)

    @property
    def may_try_more(self) -> bool:
        """Whether more values of k may be tried."""
        return self.rule == "evidence" and self.max_clusters is None

    @property
    def rule(self) -> str | int:
        """How one of them is chosen, for `mallard.choice.selection.select`."""
        return self.selection if self.n_clusters == "auto" else self.n_clusters

    @property
    def _range(self) -> tuple[int, int]:
        lowest, highest = (self.n_clusters, self.n_clusters) if isinstance(self.n_clusters, int) else DEFAULT_RANGE
        return (
            lowest if self.min_clusters is None else self.min_clusters,
            highest if self.max_clusters is None else self.max_clusters,
        )

    def _check_feature(self, feature: str, given: Any) -> None:
        allowed = {"scale": one_of(*CHOICES), "weight": WEIGHT}
        if given is None:
            return
        if not isinstance(given, Mapping) or not given.keys() <= allowed.keys():
            raise self.refusal("features", f"give '{feature}' as {{scale: ..., weight: ...}}, or one of the two")
        for name, value in given.items():
            if not allowed[name].include(value):
                raise self.refusal("features", f"{name} of '{feature}' is {shown(value)}; {allowed[name].remedy}")

    def _check_range(self) -> None:
        lowest, highest = self._range
        if lowest > highest:
            name, remedy = "max_clusters", f"it is below the smallest number to try, {lowest}; raise it to that or more"
            if self.min_clusters is not None:
                or_raise = ", or raise max_clusters" if self.n_clusters == "auto" else ""
                remedy = f"it is above the largest number to try, {highest}; lower it to that or less{or_raise}"
                name = "min_clusters"
            raise self.refusal(name, remedy)
        if self.n_clusters != "auto" and self.n_clusters not in self.tried:
            raise self.refusal(
                "n_clusters",
                f"only {lowest} to {highest} are tried; change min_clusters or max_clusters, or choose one of these",
            )

    def _check_least_shares(self) -> None:
        fewest = self.tried.start
        for name in ("min_share", "min_value_share"):
            least = getattr(self, name)
            if least is not None and least * fewest > 1:
                raise self.refusal(
                    name, f"{fewest} segments can't have so much each; lower it to {1 / fewest:.3g} or less"
                )
        if self.min_value_share is not None and self.value_column is None:
            raise self.refusal("min_value_share", "set value_column to the column that says what each row is worth")

    def _check_assignment(self) -> None:
        """Refuse what rules can't keep to where they give the segments."""
        if not self.is_by_rules:
            return
        if self.rules is False:
            raise self.refusal("rules", f"assignment is {BY_RULES}, which needs them; remove one of the two settings")
        for name, why in (
            ("min_share", "rules for segments that are large enough can catch fewer"),
            ("min_value_share", "rules for segments that are worth enough can catch less"),
            ("max_distance", "rules don't know distances"),
        ):
            if getattr(self, name) is not None:
                raise self.refusal(name, f"assignment is {BY_RULES}, and {why}; remove one of the two settings")


@cache
def described() -> dict[str, Described]:
    """What is known of every setting, by its name."""
    hints = get_type_hints(Settings, include_extras=True)
    return {field.name: hints[field.name].__metadata__[0] for field in dataclasses.fields(Settings)}
