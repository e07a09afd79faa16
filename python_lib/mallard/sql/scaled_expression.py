"""What the SQL says that scales a feature, so that others than DuckDB can do the same.

The macros in `macros/scaling` write this SQL, in a small language: columns, categories, constants, arithmetic,
logarithms, what stands for a missing value, and the same for each position of a vector. What isn't in the language is
refused.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol, TypeVar

from mallard.errors import MallardError

if TYPE_CHECKING:
    from sqlglot import Expr

V = TypeVar("V")

NUMBER, TEXT, VECTOR = "number", "text", "vector"


@dataclass(frozen=True)
class RawColumn:
    """A column that a feature is made of.

    Attributes:
        kind: "number", also for booleans, "text" or "vector".
        size: number of positions; 1 but for a vector.
        categories: the texts that a text is compared with.
        above: what every number is above, or else counts as missing; None if there is no such bound.
    """

    name: str
    kind: str
    size: int
    categories: tuple[str, ...] = ()
    above: float | None = None


class Arithmetic(Protocol[V]):
    """Who can compute what the SQL says. A value is a number, or a vector, of every row; it may be missing."""

    def number(self, column: str, above: float | None) -> V:
        """A column as numbers in range: 0 and 1 for booleans."""

    def vector(self, column: str, size: int) -> V:
        """A column of lists, whose positions may be out of range."""

    def is_text(self, column: str, text: str) -> V:
        """1 where a column has this text, 0 where it has another."""

    def constant(self, numbers: Sequence[float]) -> V:
        """A number, or a vector of several, that is the same in each row."""

    def add(self, a: V, b: V) -> V: ...

    def subtract(self, a: V, b: V) -> V: ...

    def multiply(self, a: V, b: V) -> V: ...

    def divide(self, a: V, b: V) -> V: ...

    def ln(self, a: V) -> V:
        """The logarithm, missing where there is none."""

    def asinh(self, a: V) -> V: ...

    def in_range(self, a: V, above: float | None) -> V:
        """The same, and missing where a fit would refuse it: infinite, NaN, too large to be squared, or not above."""

    def filled(self, a: V, filler: V) -> V:
        """The same, with the filler where it is missing."""


@dataclass(frozen=True)
class ScaledExpression:
    """The SQL that scales a feature.

    Attributes:
        feature: its name.
        sql: as in the column `scaled_expression` of the centroids.
        size: number of positions of a vector; 1 for a number.
    """

    feature: str
    sql: str
    size: int

    @cached_property
    def _tree(self) -> Expr:
        import sqlglot  # deferred: it comes with extras
        from sqlglot.errors import SqlglotError

        try:
            return sqlglot.parse_one(self.sql, read="duckdb")
        except SqlglotError:
            raise self._refusal(self.sql) from None

    @property
    def columns(self) -> list[RawColumn]:
        """The columns that the feature is made of."""
        from sqlglot import exp

        found = []
        for column in self._tree.find_all(exp.Column):
            if not column.this.quoted:
                continue
            text = column.find_ancestor(exp.Collate)
            if text is not None and isinstance(text.parent, exp.EQ):
                found.append(RawColumn(column.name, TEXT, 1, (text.parent.expression.name,)))
            elif self.size > 1 or isinstance(column.parent, exp.Bracket):
                found.append(RawColumn(column.name, VECTOR, self.size, above=self._above))
            else:
                found.append(RawColumn(column.name, NUMBER, 1, above=self._above))
        return found

    @property
    def _above(self) -> float | None:
        """The bound of the scale: of logarithms, there is ln(1 + x) alone."""
        from sqlglot import exp

        return -1.0 if self._tree.find(exp.Ln) else None

    def told_to(self, arithmetic: Arithmetic[V]) -> V:
        """The scaled feature.

        Raises:
            MallardError: the SQL isn't what the macros write.
        """
        return self._value(self._tree, arithmetic, [])

    def _value(self, tree: Expr, to: Arithmetic[V], x: list[V]) -> V:
        """What a part of the SQL says.

        Args:
            x: the values that the variable of a list comprehension goes through.
        """
        from sqlglot import exp

        def value(part: Expr) -> V:
            return self._value(part, to, x)

        match tree:
            case exp.Paren():
                return value(tree.this)
            case exp.Add():
                return to.add(value(tree.left), value(tree.right))
            case exp.Sub():
                return to.subtract(value(tree.left), value(tree.right))
            case exp.Mul():
                return to.multiply(value(tree.left), value(tree.right))
            case exp.Div():
                return to.divide(value(tree.left), value(tree.right))
            case exp.Ln():
                return to.ln(value(tree.this))
            case exp.Asinh():
                return to.asinh(value(tree.this))
            case exp.Coalesce(expressions=[filler]):
                return to.filled(value(tree.this), value(filler))
            case exp.Literal(is_string=False):
                return to.constant([float(tree.this)])
            case exp.Cast(this=exp.Literal() as digits):
                numbers = json.loads(digits.this)
                return to.constant(numbers if isinstance(numbers, list) else [numbers])
            case exp.Cast(this=exp.EQ(this=exp.Collate(this=exp.Cast(this=exp.Column() as column)), expression=text)):
                return to.is_text(column.name, text.name)
            case exp.Cast(this=exp.Column(this=exp.Identifier(quoted=True)) as column) if self.size > 1:
                return to.in_range(to.vector(column.name, self.size), self._above)
            case exp.Cast():
                return value(tree.this)
            case exp.Column(this=exp.Identifier(quoted=True)):
                return to.number(tree.name, self._above)
            case exp.Column() if x:
                return x[0]
            case exp.Bracket(this=exp.Column(this=exp.Identifier(quoted=True)) as column) if _place(tree) == 0:
                return to.in_range(to.vector(column.name, 1), self._above)
            case exp.Bracket(this=exp.Column()) if _place(tree) < len(x):
                return x[_place(tree)]
            case exp.Array(expressions=[exp.Comprehension() as each]):
                iterated = each.args["iterator"]
                is_zipped = isinstance(iterated, exp.Anonymous) and iterated.this == "list_zip"
                return self._value(
                    each.this, to, [value(v) for v in (iterated.expressions if is_zipped else [iterated])]
                )
            case exp.Case() if len(tree.args["ifs"]) == 1 and not tree.args.get("default"):
                [only] = tree.args["ifs"]
                then = value(only.args["true"])
                match only.this:
                    # Columns are in range already.
                    case exp.Anonymous(this="isfinite") | exp.LTE(this=exp.Abs()):
                        return then
                    case exp.And(this=exp.GT(), expression=exp.LTE(this=exp.Abs())):
                        return then
                    # A vector with a gap is at no distance from a centroid, so that it needn't be missing as a whole.
                    case exp.EQ(this=exp.Anonymous(this="list_aggregate")):
                        return then
                    case exp.Boolean(this=True) | exp.Not(this=exp.Is(expression=exp.Null())):
                        return then
        raise self._refusal(tree.sql("duckdb"))

    def _refusal(self, part: str) -> MallardError:
        return MallardError(
            f"feature {self.feature} is scaled by SQL that only DuckDB can run, {part}: build the segmentation with "
            "this version of Mallard, or prepare the column in the select."
        )


def _place(bracket: Expr) -> int:
    """From 0, which is how sqlglot counts."""
    return int(bracket.expressions[0].name)
