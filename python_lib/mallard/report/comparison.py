"""How a segment compares with all: one feature or column, in figures that people know."""

from __future__ import annotations

from dataclasses import dataclass

from mallard.figures import figure, percent
from mallard.report.data import Attribute, Feature, ReportData, Segment

APART = 0.5
"""A number sets a segment apart if its mean is at least this many standard deviations from that of all customers."""


@dataclass(frozen=True)
class Comparison:
    """A number of a segment beside that of all customers with a segment.

    Attributes:
        name: name in the tables.
        label: what people call it.
        z_score: how many standard deviations the segment is above all.
        mean, median, overall_mean, overall_median: in the unit of the number.
        is_share: whether the mean is a share.
        is_logarithmic: whether standard deviations are those of logarithms.
    """

    name: str
    label: str
    z_score: float
    mean: float | None
    median: float | None
    overall_mean: float | None
    overall_median: float | None
    is_share: bool = False
    is_logarithmic: bool = False

    @property
    def level(self) -> str | None:
        """Whether the number is high or low; None if it is about average."""
        return None if abs(self.z_score) < APART else "high" if self.z_score > 0 else "low"

    @property
    def how_common(self) -> str | None:
        """The level, in a word that fits shares, too."""
        if self.is_share:
            return {"high": "more common", "low": "rarer"}.get(self.level or "")
        return self.level

    @property
    def figures(self) -> str:
        """The figure of the segment against that of all, as far as it shows the difference; empty if none does.

        Logarithms go with medians: large values, which pull means up, count little for both.
        """
        if self.is_share:
            return f"{percent(self.mean)} against {percent(self.overall_mean)}"
        means = ("mean", self.mean, self.overall_mean)
        medians = ("median", self.median, self.overall_median)
        for what, own, overall in (medians, means) if self.is_logarithmic else (means, medians):
            if own is None or overall is None or (own - overall) * self.z_score <= 0:
                continue
            if figure(own) != figure(overall):
                return f"{what} {figure(own)} against {figure(overall)}"
        return ""

    @property
    def said(self) -> str:
        """The level with its figures, if there are any."""
        return ", ".join(filter(None, (self.level, self.figures)))


def of_features(data: ReportData, segment: Segment) -> list[Comparison]:
    """The features of a segment that words can say, in order."""
    return [_of_feature(feature, segment) for feature in data.features if not feature.is_direction]


def of_numbers(data: ReportData, segment: Segment) -> list[Comparison]:
    """The other columns of numbers, in order."""
    return [_of_attribute(of) for of in data.attributes if of.segment == segment.segment_id and of.mean is not None]


def apart(comparisons: list[Comparison]) -> list[Comparison]:
    """Those that are high or low, the farthest first."""
    return sorted((of for of in comparisons if of.level), key=lambda of: -abs(of.z_score))


def _of_feature(feature: Feature, segment: Segment) -> Comparison:
    key = feature.key
    return Comparison(
        name=feature.name,
        label=feature.label,
        z_score=segment.z_scores[key] or 0.0,
        mean=segment.means[key],
        median=segment.medians[key],
        overall_mean=feature.overall_mean,
        overall_median=feature.overall_median,
        is_share=feature.is_share,
        is_logarithmic=feature.unit is not None,
    )


def _of_attribute(of: Attribute) -> Comparison:
    return Comparison(
        name=of.column,
        label=of.label,
        z_score=of.z_score or 0.0,
        mean=of.mean,
        median=of.median,
        overall_mean=of.overall_mean,
        overall_median=of.overall_median,
    )
