"""What the page has to know so that the browser can explain customers of a file that the reader chooses."""

from __future__ import annotations

from collections.abc import Sequence

from mallard.errors import MallardError
from mallard.kmeans.metric import METRICS
from mallard.report.data import CustomerFile, Feature, FileFeature, Steps
from mallard.report.explanations import Centroids
from mallard.sql.scaled_expression import TEXT, Arithmetic, ScaledExpression

MOST_NUMBERS = 4000
"""Most coordinates of centroids that a page holds for this, so that it stays small."""


def customer_file(
    id_column: str, group: str | None, version: int | None, features: Sequence[Feature], space: Centroids
) -> CustomerFile | None:
    """What a file takes; None with vectors, with more numbers than a page holds, and with SQL of another version.

    Args:
        features: those that are numbers, in the order of the coordinates.
        space: in which distances are measured.
    """
    if len(features) != len(space.widths) or space.scaled.size > MOST_NUMBERS or space.variance is None:
        return None
    try:
        made = [_file_feature(ScaledExpression(feature.name, feature.scaled, 1)) for feature in features]
    except MallardError:
        return None
    return CustomerFile(
        id_column=id_column,
        group=group,
        version=version,
        features=made,
        centroids=dict(zip(space.segments, space.scaled.tolist(), strict=True)),
        variance=space.variance,
        is_spherical=METRICS[space.metric].spherical,
    )


class _Written(Arithmetic[Steps]):
    """Writes the operations down. Every feature is made of one column, so that its value needs no name."""

    def number(self, column: str, above: float | None) -> Steps:
        return self.in_range(None, above)

    def vector(self, column: str, size: int) -> Steps:
        raise MallardError(f"column {column} is a vector, which files of customers can't have.")

    def is_text(self, column: str, text: str) -> Steps:
        return None

    def constant(self, numbers: Sequence[float]) -> Steps:
        [number] = numbers
        return number

    def add(self, a: Steps, b: Steps) -> Steps:
        return ["add", a, b]

    def subtract(self, a: Steps, b: Steps) -> Steps:
        return ["subtract", a, b]

    def multiply(self, a: Steps, b: Steps) -> Steps:
        return ["multiply", a, b]

    def divide(self, a: Steps, b: Steps) -> Steps:
        return ["divide", a, b]

    def ln(self, a: Steps) -> Steps:
        return ["ln", a]

    def asinh(self, a: Steps) -> Steps:
        return ["asinh", a]

    def in_range(self, a: Steps, above: float | None) -> Steps:
        return ["inRange", a] if above is None else ["inRange", a, above]

    def filled(self, a: Steps, filler: Steps) -> Steps:
        return ["filled", a, filler]


def _file_feature(expression: ScaledExpression) -> FileFeature:
    column = expression.columns[0]
    text = column.categories[0] if column.kind == TEXT else None
    return FileFeature(column.name, text, expression.told_to(_Written()))
