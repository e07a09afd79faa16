"""What the columns of a table say about a customer, as numbers or vectors: SQL for each feature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mallard.choice.vocabulary import Trait, called
from mallard.errors import MallardError
from mallard.inputs.columns import Query
from mallard.inputs.scales import AUTO, CATEGORY, SCALES
from mallard.inputs.settings import Settings
from mallard.inputs.sizes import in_range_sql
from mallard.sql.columns import FRACTIONS, NUMBERS, Column
from mallard.sql.text import exact_text, folded, literal, number, quoted

TEXTS = {"varchar", "enum"}
NOTHING = {"null"}
"""The type of a column that is null in the select: DuckDB 2.0 tells it, and 1.5 says integer."""
NUL = "\N{SYMBOL FOR NULL}"
"""In names: DuckDB's Python package cuts names of columns where they have a NUL."""
MIN_NUMBERS = 3
NUMBERS_SHARE = 0.9
"""Texts are taken for numbers if at least so many, and so large a share of the different ones, are numbers."""
VECTORS = {"list", "array"}
KEEP_0_AND_1 = ("minmax", "none")
"""Scales of numbers with which categories stay as they are: 0 and 1 are between a minimum and a maximum."""
TIMES = {
    ("date", "timestamp"): "date_diff('day', {}, current_date)",
    ("time",): "date_part('hour', {})",
    ("interval",): "date_part('epoch', {})",
}
"""Examples of numbers to make of columns of these types."""

ByColumn = dict[str, list["Feature"]]
"""The features of each column."""


@dataclass(frozen=True)
class Feature:
    """A number that describes each customer, or a vector of numbers.

    Attributes:
        name: what people call it.
        expression: SQL of type DOUBLE, null where a customer lacks it, or DOUBLE[size], which may have nulls in it.
        scale: how it is made comparable, see `mallard.inputs.scales`; each position of a vector by itself. For "auto",
            SQL looks at the shape.
        weight: what the scaled feature is multiplied by.
        fill: what replaces a missing value: "none", "mean" or "median".
        size: number of positions of a vector; None for a number.
        column: the name of its column.
        label: what people call it, see the setting `feature_words`.
        is_share: whether it is 0 or 1, so that its mean is a share.
    """

    name: str
    expression: str
    scale: str
    weight: float
    fill: str
    size: int | None
    column: str
    label: str
    is_share: bool

    @property
    def is_missing(self) -> str:
        """SQL that says whether a customer lacks the number, or a position of the vector."""
        if self.size is None:
            return f"{self.expression} is null"
        return f"coalesce(list_aggregate({self.expression}, 'count'), 0) < {self.size}"

    @property
    def above(self) -> float | None:
        """The bound above which its scale needs every number; None if there is none."""
        return None if self.scale == AUTO else SCALES[self.scale].above

    @property
    def guarded(self) -> str:
        """The expression for rows of which nobody has made sure that it can be computed and scaled."""
        if self.size is not None:
            return _finite_vector(self.column, self.size, self.fill != "none", in_range_sql("x", self.above))
        return self.expression if self.is_share else f"case when {self._is_in_range} then {self.expression} end"

    @property
    def is_out_of_range(self) -> str | None:
        """SQL that says whether a number is one that a fit refuses; None for what can't be."""
        return None if self.size is not None or self.is_share else f"coalesce(not ({self._is_in_range}), false)"

    @property
    def _is_in_range(self) -> str:
        return in_range_sql(self.expression, self.above)

    @property
    def category(self) -> str | None:
        """SQL of the text that the feature stands for; None if it isn't of a column of categories."""
        before, after = f"cast({exact_text(quoted(self.column))} = ", " as double)"
        is_one = self.is_share and self.expression.startswith(before)
        return self.expression.removeprefix(before).removesuffix(after) if is_one else None

    @property
    def bounds(self) -> tuple[str, str]:
        """SQL of the smallest and the largest value, at any position of a vector."""
        if self.size is None:
            return f"min({self.expression})", f"max({self.expression})"
        return f"min(list_min({self.expression}))", f"max(list_max({self.expression}))"


def features_of(columns: Sequence[Column], table: str, settings: Settings, query: Query) -> ByColumn:
    """The features that each column gives: several for categories, one for all others.

    Args:
        settings: which columns, spelled as in the table.
        table: the table, by the name that SQL uses.
        query: runs a query on the table.

    Raises:
        MallardError: a column can't be a feature; the message says what to do.
    """
    by_name = {column.name: column for column in columns}
    chosen = [by_name[name] for name in settings.features or ()]
    by_column = {c.name: _features_of_column(c, table, settings, query) for c in chosen}
    return _with_labels_of_their_own(_with_names_of_their_own(by_column), settings)


def _features_of_column(column: Column, table: str, settings: Settings, query: Query) -> list[Feature]:
    if column.kind in NOTHING:
        raise MallardError(f"column {column.name} has no value in any row: leave it out of features.")
    size, is_share = None, column.kind == "boolean" or column.kind in TEXTS
    of_categories = settings.scale if settings.scale in KEEP_0_AND_1 else CATEGORY
    if column.kind in NUMBERS:
        values, scale = {column.name: _number(quoted(column.name), column.kind)}, settings.scale
    elif column.kind == "boolean":
        values, scale = {column.name: f"cast({quoted(column.name)} as double)"}, of_categories
    elif column.kind in TEXTS:
        values, scale = _categories(column, table, settings, query), of_categories
    elif column.kind in VECTORS and column.element in NUMBERS:
        size, values = _vector(column, table, settings, query)
        scale = "none"
    else:
        kind = f"{column.kind} of {column.element}" if column.element else column.kind
        raise MallardError(f"column {column.name} is {kind.upper()}, which is not a number: {_remedy(column)}.")
    if not values:
        raise MallardError(f"column {column.name} has no value in any row: leave it out of features.")
    weight = settings.of_feature(column.name, "weight", 1)
    fill = settings.nulls if settings.fills_in else "none"
    given = settings.of_feature(column.name, "scale", scale)
    if given != AUTO or column.kind in NUMBERS:
        scale = given
    return [
        Feature(name, expression, scale, weight, fill, size, column.name, settings.word(name, column.name), is_share)
        for name, expression in values.items()
    ]


def _number(sql: str, kind: str | None) -> str:
    number = f"cast({sql} as double)"
    return f"case when isfinite({sql}) then {number} end" if kind in FRACTIONS else number


def _categories(column: Column, table: str, settings: Settings, query: Query) -> dict[str, str]:
    text = exact_text(quoted(column.name))
    if column.kind != "enum":
        _check_for_numbers(column, table, query)
    most = settings.max_categories
    found = query(f"select distinct {text} from {table} where {text} is not null order by 1 asc limit {most + 1}")
    if len(found) > most:
        raise MallardError(
            f"column {column.name} has more than {most} different texts, too many for categories: group them in the "
            "select, leave the column out of features, or raise max_categories."
        )
    return {
        f"{column.name}={value}".replace("\0", NUL): f"cast({text} = {literal(value)} as double)" for (value,) in found
    }


def _check_for_numbers(column: Column, table: str, query: Query) -> None:
    """Refuse texts that are numbers, but for a few: each of them as a category is hardly what anybody wants."""
    name = quoted(column.name)
    simple = f"try_cast(trim({name}) as double)"
    [(n_texts, n_numbers, n_simple)] = query(
        f"select count(distinct nullif(text, '')), count(distinct text) filter (isfinite(number)), "
        f"count(distinct text) filter (isfinite(simple)) from (select {exact_text(f'trim({name})')} as text, "
        f"{number(name)} as number, {simple} as simple from {table})"
    )
    if n_numbers >= MIN_NUMBERS and n_numbers >= NUMBERS_SHARE * n_texts:
        raise MallardError(
            f"column {column.name} is text, but {n_numbers:,} of its {n_texts:,} different texts are numbers: write "
            f"{simple if n_simple == n_numbers else number(name)} as {name} in the select. If they are categories, put "
            "a word before them."
        )


def _vector(column: Column, table: str, settings: Settings, query: Query) -> tuple[int | None, dict[str, str]]:
    """The size of a vector, and its expression by its name. One of a single position is a number."""
    name = quoted(column.name)
    sum_of = f"list_sum(cast({name} as double[]))"
    is_complete = f"list_aggregate({name}, 'count') = len({name}) and isfinite({sum_of})"
    [(shortest, longest, are_complete)] = query(
        f"select min(len({name})), max(len({name})), coalesce(bool_and({is_complete}), false) from {table}"
    )
    if shortest != longest:
        raise MallardError(
            f"column {column.name} has lists of {shortest} to {longest} numbers: make them equally long in the select."
        )
    if not longest:
        return None, {}
    if longest == 1:
        return None, {f"{column.name}[1]": _number(f"{name}[1]", column.element)}
    if are_complete:
        return longest, {column.name: f"cast({name} as double[{longest}])"}
    return longest, {column.name: _finite_vector(column.name, longest, settings.fills_in)}


def _finite_vector(column: str, size: int, has_gaps: bool, is_known: str = "isfinite(x)") -> str:
    """A vector with nulls where it isn't finite, or null in its place: from a vector with gaps there is no distance.

    Args:
        is_known: SQL that says of a position, x, whether it is one.
    """
    finite = f"[case when {is_known} then x end for x in cast({quoted(column)} as double[])]"
    if not has_gaps:
        finite = f"case when list_aggregate({finite}, 'count') = {size} then {finite} end"
    return f"cast({finite} as double[{size}])"


def _remedy(column: Column) -> str:
    name = quoted(column.name)
    otherwise = "or list the columns to compare by under features"
    for kinds, example in TIMES.items():
        if column.kind.startswith(kinds):
            return f"turn it into one in the select, such as {example.format(name)}, {otherwise}"
    return f"extract numbers or categories from it in the select, {otherwise}"


def trait_of(feature: Feature, settings: Settings) -> Trait:
    """A feature, as names see it. Of a category, they say what people call it, or else what it is."""
    if not feature.is_share:
        return Trait(feature.label)
    column, value = feature.column, feature.name.removeprefix(f"{feature.column}=")
    if feature.name == column or feature.name in (settings.feature_words or {}):
        return Trait(feature.label, column)
    return Trait(called(settings.word(column), value), column)


def _with_labels_of_their_own(by_column: ByColumn, settings: Settings) -> ByColumn:
    """The same features. Where spaces for underscores would make two alike, they keep their names.

    Raises:
        MallardError: `feature_words` calls two features the same.
    """
    words = settings.feature_words or {}
    by_label: dict[str, list[Feature]] = {}
    for feature in (feature for features in by_column.values() for feature in features):
        by_label.setdefault(folded(feature.label), []).append(feature)
    for alike in by_label.values():
        if len(alike) > 1 and any(feature.name in words or feature.column in words for feature in alike):
            names = " and ".join(feature.name for feature in alike[:2])
            raise settings.refusal(
                "feature_words", f"{names} would both be called {alike[0].label}; give each a word of its own"
            )
    for features in by_column.values():
        for place, feature in enumerate(features):
            if len(by_label[folded(feature.label)]) > 1:
                features[place] = replace(feature, label=feature.name)
    return by_column


def _with_names_of_their_own(by_column: ByColumn) -> ByColumn:
    """The same features. Where names differ only in case, the later ones get a number."""
    taken: set[str] = set()
    for features in by_column.values():
        for place, feature in enumerate(features):
            name, number = feature.name, 1
            while folded(name) in taken:
                number += 1
                name = f"{feature.name} ({number})"
            taken.add(folded(name))
            features[place] = replace(feature, name=name)
    return by_column
