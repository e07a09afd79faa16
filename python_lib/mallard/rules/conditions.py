"""What the path to a leaf asks of a customer, in SQL and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mallard.inputs.features import Feature
from mallard.inputs.sizes import LARGEST_SQUARED
from mallard.labels import in_list, plain
from mallard.rules.thresholds import digits, said
from mallard.sql.text import quoted


class Step(NamedTuple):
    """A split on the way to a leaf.

    Attributes:
        threshold: in the unit of the feature; None for a share, which is 0 or 1.
        goes_right: whether the value has to be at least the threshold, or 1.
        if_missing: whether a customer without a value goes this way; None if such customers have no segment.
    """

    feature: Feature
    threshold: float | None
    goes_right: bool
    if_missing: bool | None


@dataclass(frozen=True)
class Condition:
    """What a rule asks of a column.

    Attributes:
        sql: a boolean expression.
        words: what it says.
    """

    sql: str
    words: str


def conditions_of(path: Sequence[Step], labels: dict[str, str]) -> list[Condition]:
    """One condition for each column on the way to a leaf, in the order in which the way meets them.

    Args:
        labels: what people call the columns.
    """
    by_column: dict[str, list[Step]] = {}
    for step in path:
        by_column.setdefault(step.feature.column, []).append(step)
    return [_condition(steps, labels[column]) for column, steps in by_column.items()]


def split_words(path: Sequence[Step], labels: dict[str, str]) -> list[str]:
    """What each split on the way to a leaf asks, in words, from the root of the tree.

    Args:
        labels: what people call the columns.
    """
    return [_condition([step], labels[step.feature.column]).words for step in path]


def rule_sql(conditions: Sequence[Condition]) -> str:
    """A boolean expression that is true for the customers of a leaf."""
    return " and ".join(condition.sql for condition in conditions) or "true"


def rule_words(conditions: Sequence[Condition], many: str) -> str:
    """The same for people.

    Args:
        many: what the customers are called.
    """
    return " and ".join(condition.words for condition in conditions) or f"all {many}"


def without_segment_sql(features: Sequence[Feature]) -> str:
    """A boolean expression that is true for customers without a segment, if none is given where a value is missing."""
    return " or ".join(dict.fromkeys(_unusable(feature) for feature in features))


def _unusable(feature: Feature) -> str:
    """That nobody can be scaled by a column: it is null, not finite, too large or out of the domain of its scale."""
    name = _bare(feature)
    if feature.is_share:
        return f"{quoted(feature.column)} is null"
    conditions = [f"{name} is null"]
    if feature.expression != f"cast({name} as double)":
        conditions.append(f"not abs({name}) <= {LARGEST_SQUARED}")
    if feature.above is not None:
        conditions.append(f"{name} <= {digits(feature.above)}")
    return " or ".join(conditions)


def _condition(steps: Sequence[Step], label: str) -> Condition:
    feature = steps[0].feature
    if feature.category is not None:
        condition = _of_categories(steps, label)
    elif feature.is_share:
        condition = _of_boolean(steps, label)
    else:
        condition = _of_number(steps, label)
    if condition is None:
        return Condition(f"{quoted(feature.column)} is null", f"{label} is missing")
    if all(step.if_missing for step in steps):
        return Condition(f"coalesce({condition.sql}, true)", f"{condition.words} (or missing)")
    return condition


def _of_number(steps: Sequence[Step], label: str) -> Condition | None:
    """None if no number will do."""
    value = _bare(steps[0].feature)
    at_least = max((step.threshold for step in steps if step.goes_right and step.threshold is not None), default=None)
    below = min((step.threshold for step in steps if not step.goes_right and step.threshold is not None), default=None)
    if at_least is not None and below is not None and at_least >= below:
        return None
    sql, words = [], []
    if at_least is not None:
        sql.append(f"{value} >= {digits(at_least)}")
        words.append(f"at least {said(at_least)}")
    if below is not None:
        sql.append(f"{value} < {digits(below)}")
        words.append(f"below {said(below)}")
    return Condition(" and ".join(sql), f"{label} is {' and '.join(words)}")


def _of_boolean(steps: Sequence[Step], label: str) -> Condition | None:
    """None if neither true nor false will do."""
    sides = {step.goes_right for step in steps}
    if len(sides) > 1:
        return None
    name = quoted(steps[0].feature.column)
    return Condition(name, f"{label} is true") if sides == {True} else Condition(f"not {name}", f"{label} is false")


def _of_categories(steps: Sequence[Step], label: str) -> Condition | None:
    """None if no category will do."""
    name = quoted(steps[0].feature.column)
    asked = {step.feature.name: step.feature for step in steps if step.goes_right}
    others = {step.feature.name: step.feature for step in steps if not step.goes_right}
    if len(asked) > 1 or asked.keys() & others.keys():
        return None
    for feature in asked.values():
        return Condition(f"{name} = {feature.category}", f"{label} is {_category_words(feature)}")
    if len(others) == 1:
        [other] = others.values()
        return Condition(f"{name} <> {other.category}", f"{label} is not {_category_words(other)}")
    categories = ", ".join(str(feature.category) for feature in others.values())
    words = " nor ".join(_category_words(feature) for feature in others.values())
    return Condition(f"{name} not in ({categories})", f"{label} is neither {words}")


def _bare(feature: Feature) -> str:
    """The column, if that is as good as the feature's expression: its value, or null or NaN where it has no segment."""
    name = quoted(feature.column)
    number = f"cast({name} as double)"
    as_good = {number} if feature.fill != "none" else {number, f"case when isfinite({name}) then {number} end"}
    return name if feature.expression in as_good else feature.expression


def _category_words(feature: Feature) -> str:
    text = plain(feature.name.removeprefix(f"{feature.column}="))
    return in_list(text) if text else "(empty)"
