"""What the report shows: figures of all customers, and a sample of them or counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from mallard.nouns import Noun
from mallard.report.disclosure import Disclosure
from mallard.report.history import History

Row = dict[str, Any]
Value = float | str | None
Steps = Any
"""Nested lists for JSON: an operation and what it is applied to. None stands for the value of the customer."""
UNNAMED = "(named after one of its rows)"


@dataclass(frozen=True)
class Feature:
    """A feature in the charts.

    Attributes:
        key: name in the data of charts, where characters other than letters and digits have a meaning.
        name: name in the tables.
        label: name for people; no other feature has the same.
        value: SQL of a customer's value.
        scaled: SQL of the value in scaled units, in which distances are measured.
        spread: range of the segments' centroids, in scaled units.
        unit: the size from which on its axis is logarithmic, because its scale takes logarithms; None if it takes none.
        is_share: whether its values are 0 and 1, so that its mean is a share.
        overall_mean, overall_median: of all with a segment, where words can say them.
        is_direction: whether it is the place along a line through a vector, which charts can show but words can't say.
    """

    key: str
    name: str
    label: str
    value: str
    scaled: str
    spread: float
    unit: float | None = None
    is_share: bool = False
    overall_mean: float | None = None
    overall_median: float | None = None
    is_direction: bool = False


@dataclass(frozen=True)
class Segment:
    """A segment.

    Attributes:
        is_hidden: whether it has no figures, because they would be of too few customers, or give away those of others.
        means, medians: of each feature, by key; None if no customer of the segment has a value, or if it is hidden.
        z_scores: distance of each mean from the mean of all customers, in standard deviations, by key; on the scale in
            which segments were found.
        position: where charts show it: the mean of each feature, or the median on a logarithmic axis, by key, and the
            centroid's place in the plane of the principal components as p0 and p1.
        total_value: sum of what its customers are worth; None if nobody said what they are worth, or if it is hidden.
        share_of_value: its share of the total of all segments; None as well if that total isn't above 0.
        representatives: ids of the customers nearest to the centroid, if a feature is a vector.
        is_by_vector: whether a feature is a vector.
        stability: how well it comes back when customers are drawn anew, 0 to 1; None for a single segment.
        rule_name: what the rule would call it now; None if that isn't known.
    """

    segment_id: int
    name: str
    n_customers: int
    share: float
    means: dict[str, float | None]
    medians: dict[str, float | None]
    z_scores: dict[str, float | None]
    position: dict[str, float | None]
    representatives: str | None = None
    is_by_vector: bool = False
    is_hidden: bool = False
    stability: float | None = None
    total_value: float | None = None
    share_of_value: float | None = None
    rule_name: str | None = None

    def without_ids(self) -> Segment:
        """The same without ids of customers; it may be named after the one nearest to its centroid, now or before."""
        is_named_by_id = self.is_by_vector and self.name.startswith("like ")
        return replace(self, name=UNNAMED if is_named_by_id else self.name, representatives=None, rule_name=None)

    def without_value(self) -> Segment:
        """The same without what its customers are worth."""
        return replace(self, total_value=None, share_of_value=None)

    @property
    def label(self) -> str:
        """Its name in charts. It begins with its id, so no other segment has the same."""
        return f"{self.segment_id} {self.name}"


@dataclass(frozen=True)
class Attribute:
    """What a segment is like in a column that is no feature.

    Attributes:
        segment: id.
        column: its name in the tables.
        label: what people call it.
        value: a text, of which the shares are; None for numbers and dates.
        n_customers: number of customers of the segment with the value, or with any.
        share, overall_share: share of the customers with the value, or with any, in the segment and of all.
        z_score: distance of the mean from the mean of all, in standard deviations.
        median_at, overall_median_at: of dates and times.
    """

    segment: int
    column: str
    label: str
    value: str | None
    n_customers: int
    share: float
    overall_share: float
    mean: float | None = None
    median: float | None = None
    overall_mean: float | None = None
    overall_median: float | None = None
    z_score: float | None = None
    median_at: datetime | None = None
    overall_median_at: datetime | None = None


@dataclass(frozen=True)
class Border:
    """The border between two neighbouring segments, by the same names as in the tables.

    Attributes:
        first, second: ids of the segments.
        depth: density at the border, as a fraction of that inside the segment where it is lower; None if it is hidden.
        exceeds_both: whether there are more customers at the border than inside either segment.
        is_separate: whether the border is a valley.
        is_faint: whether it is too faint to be a valley by itself.
        profile: customers in stretches of equal length along the line through the centroids: the border is in the
            middle, and the centroids are a quarter from both ends. None where they are hidden; empty if all are.
    """

    first: int
    second: int
    depth: float | None
    exceeds_both: bool
    is_separate: bool
    is_faint: bool
    profile: list[float | None]


@dataclass(frozen=True)
class Link:
    """Customers that a segment has in common with one among one segment fewer.

    Attributes:
        n_clusters: number of segments of which the segment is one.
        segment, parent: ids of the two.
        share_of_segment, share_of_parent: share of the customers of each who are in the other.
        share: share of all customers.
    """

    n_clusters: int
    segment: int
    parent: int
    share_of_segment: float
    share_of_parent: float
    share: float


@dataclass(frozen=True)
class Reason:
    """What a feature says of the segment of a customer.

    Attributes:
        feature: its place among the features that are explained.
        value: that of the customer; None if it is missing, so that another one stands for it, and an empty text if the
            page doesn't have it.
        contribution: how much it speaks for the segment against the second; below 0, for the second.
    """

    feature: int
    value: Value
    contribution: float


@dataclass(frozen=True)
class Explanation:
    """Why a customer is in the own segment.

    Attributes:
        second: id of the segment with the second nearest centroid.
        probabilities: of the likeliest segments, by id, the nearest first.
        reasons: the features that say most, for or against, first.
    """

    second: int
    probabilities: list[tuple[int, float]]
    reasons: list[Reason]


@dataclass(frozen=True)
class ExplainedFeature:
    """A feature that can be a reason.

    Attributes:
        key: of its values in the rows of customers; None if they don't have them.
        is_vector: whether it is no number.
        centroids: of each segment, in the unit of the feature; None with metric cosine, empty for a vector.
    """

    label: str
    key: str | None
    is_share: bool
    is_vector: bool
    centroids: dict[int, float | None]


@dataclass(frozen=True)
class FileFeature:
    """A feature, as it is made of a column of the file.

    Attributes:
        text: whose equality the value is, 1 or 0; None if the value is a number.
        steps: from the value to scaled units.
    """

    column: str
    text: str | None
    steps: Steps


@dataclass(frozen=True)
class CustomerFile:
    """How to explain customers of a file with the columns of the segmentation.

    Attributes:
        id_column: identifies a customer.
        group: whose customers the page is about, by the column `group`; None if there are no groups.
        version: of the segmentation that the page shows; None if nobody knows it.
        features: in the order of those that are explained.
        centroids: coordinates by segment id, in scaled units.
        variance: of each coordinate within the segments.
        is_spherical: whether customers and centroids are compared by angle.
    """

    id_column: str
    group: str | None
    version: int | None
    features: list[FileFeature]
    centroids: dict[int, list[float]]
    variance: float
    is_spherical: bool


@dataclass(frozen=True)
class Explanations:
    """Why customers are in their segments.

    Attributes:
        features: that can be reasons.
        of: the explanation of each customer who has one, by what the customer is called in the page.
        of_file: what explains customers whom the page lacks, from a file; None if nothing does.
    """

    features: list[ExplainedFeature]
    of: dict[str, Explanation]
    of_file: CustomerFile | None


@dataclass(frozen=True)
class Compared:
    """A column in which segments are compared.

    Attributes:
        is_text: whether its differences are Cramér's V, and not Cohen's d.
        typical: mean in each segment, or median of times, in words, by the segment's id; empty for texts.
    """

    label: str
    is_text: bool
    typical: dict[int, str]


@dataclass(frozen=True)
class Difference:
    """How two segments differ in a column.

    Attributes:
        column: its place among the columns that are compared.
        effect_size: above 0 where the mean of the first segment is higher.
        value: the text whose shares differ most, if there is one that may be shown.
        shares: its shares in the two segments.
    """

    column: int
    effect_size: float
    value: str | None = None
    shares: tuple[float, float] | None = None


@dataclass(frozen=True)
class Differences:
    """How any two segments differ.

    Attributes:
        pairs: of each pair of ids, the lower first: the differences, the strongest first.
    """

    columns: list[Compared]
    pairs: dict[tuple[int, int], list[Difference]]


@dataclass(frozen=True)
class Rule:
    """A condition that follows a segment.

    Attributes:
        segment: id.
        text: the condition in words.
        path: what each split on the way to it asks, in words.
        n_customers: number of customers whom it catches; None if it is hidden.
        n_of_segment: number of those who are in the segment; None if it is hidden.
    """

    segment: int
    text: str
    path: list[str]
    n_customers: int | None
    n_of_segment: int | None


@dataclass(frozen=True)
class Rules:
    """The rules that follow the segments.

    Attributes:
        n_hidden: number of rules that are left out, because they catch few customers.
        agreement: share of the customers whose rule is for their segment; None if it would give away few customers.
        price: inertia if the rules made the segments, over that of the segments; None if that is 0.
    """

    rules: list[Rule]
    n_hidden: int
    agreement: float | None
    price: float | None


@dataclass(frozen=True)
class OtherAlgorithm:
    """An algorithm that divided the same customers, and its measures; None where they aren't defined.

    Attributes:
        n_clusters: the number of clusters that was asked for.
        clusters_found: the number that it found; None if it failed.
        noise_share: share of the customers that it put into none.
        hides_noise: whether that is of too few customers to be shown.
        agreement: adjusted Rand index with the segments.
        can_score_in_sql: whether SQL could give new customers their clusters.
        message: why it failed, or what it warned of.
    """

    name: str
    n_clusters: int
    clusters_found: int | None
    noise_share: float | None
    hides_noise: bool
    inertia: float | None
    silhouette: float | None
    stability: float | None
    agreement: float | None
    can_score_in_sql: bool
    message: str | None


@dataclass(frozen=True)
class ReportData:
    """Everything that the report shows. Texts are plain, ids and the names of features aside.

    Attributes:
        noun: what a row is called, and several; "customers" here.
        n_customers: number of customers in the table.
        n_assigned: number of customers with a segment.
        statuses: number of customers without a segment, or with a filled-in value, by reason; empty for the sample.
        built_at: time of the build, in UTC.
        axes: keys of the two features of the scatter plot.
        metrics: one row per number of clusters tried, in order.
        customers: the customers in the charts, one row each, with `id`, `segment`, the value of each feature by its
            key, `silhouette` and its rank as `place`, and, with three features or more, p0 and p1, the place in the
            plane of the principal components. Without rows of customers: their number `n` and the means of the
            features of the two axes, by `segment` and by ranges of these features.
        silhouettes: without rows of customers, their number `n` and share by `segment` and by range of silhouettes.
        n_shown: number of customers that have a row in the page.
        is_sample: whether charts show a sample of the customers.
        explained: fraction of the variance of the customers in the charts that the plane explains; None without it.
        near_border: the customers nearest to a border between segments.
        borders: between neighbouring segments, the faintest first; None if their table wasn't published.
        divisions: which segments came out of which, in the order of the table; empty if it isn't known or is hidden.
        algorithms: how others divide the same customers, the highest silhouette first; empty if there is no such table.
        disclosure: how much of single customers is shown.
        has_ids: whether the table has a column that identifies customers.
        attributes: what else is known about the segments, by segment; empty if their table wasn't published.
        value_label: what the worth of a customer is called, such as "revenue"; None if nobody said what it is.
        history: what the last build found, compared with the build before and with the fit; None if nobody knows.
        hidden_features: labels of the features that have no figures, because they would be of too few customers.
        rules: that follow the segments; None if there are none, or if they could tell what is hidden.
        is_by_rules: whether rules give the segments, in place of the nearest centroid.
        explanations: of the customers who have a row in the page; None if they could tell what is hidden, and if rules
            give the segments.
        differences: between the segments; None if they can't be told.
    """

    name: str
    noun: Noun
    n_customers: int
    n_assigned: int
    statuses: list[Row]
    built_at: datetime
    features: list[Feature]
    axes: tuple[str, str]
    segments: list[Segment]
    metrics: list[Row]
    customers: list[Row]
    silhouettes: list[Row]
    n_shown: int
    is_sample: bool
    explained: float | None
    near_border: list[Row]
    borders: list[Border] | None
    divisions: list[Link]
    algorithms: list[OtherAlgorithm]
    disclosure: Disclosure
    has_ids: bool
    hidden_features: list[str]
    attributes: list[Attribute]
    value_label: str | None
    history: History | None
    rules: Rules | None
    is_by_rules: bool
    explanations: Explanations | None
    differences: Differences | None

    @property
    def selected(self) -> Row:
        """Metrics of the chosen number of clusters."""
        return next(row for row in self.metrics if row["is_selected"])

    @property
    def runner_up(self) -> Row | None:
        """Metrics of the other number of clusters with the highest silhouette."""
        others = [row for row in self.metrics if not row["is_selected"] and silhouette_of(row) is not None]
        return max(others, key=lambda row: silhouette_of(row) or 0.0, default=None)

    @property
    def left_out(self) -> int | None:
        """Number of customers without a segment; None if it would give away a number that is hidden."""
        n_left_out = self.n_customers - self.n_assigned
        is_hidden = self.disclosure.hides(n_left_out) or any(row["n"] is None for row in self.statuses)
        return None if is_hidden else n_left_out


def are_weighted(segments: Sequence[Segment], n_customers: int) -> bool:
    """Whether the shares of segments are of the weight of customers, and not of their number.

    Args:
        n_customers: number of customers with a segment.
    """
    known = (segment for segment in segments if not segment.is_hidden)
    return any(abs(segment.share - segment.n_customers / (n_customers or 1)) > 1e-9 for segment in known)


def silhouette_of(metrics: Row) -> float | None:
    """The exact silhouette, or else the estimate."""
    exact: float | None = metrics["silhouette"]
    return exact if exact is not None else metrics["silhouette_estimate"]
