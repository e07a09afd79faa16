"""A segmentation as a query for another warehouse."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.dialects.dialect import NormalizationStrategy
from sqlglot.errors import SqlglotError

from mallard.errors import MallardError
from mallard.export.scoring import DIRECTIONS_KEEP
from mallard.inputs.sizes import in_range_sql
from mallard.inputs.values import listed
from mallard.kmeans.metric import METRICS
from mallard.sql.scaled_expression import VECTOR, Arithmetic
from mallard.sql.text import double, literal, quoted
from mallard.tables.stored import StoredLimit, StoredRule, StoredSegmentation

DIALECT, RELATION = "duckdb", "customers"
"""What the query is written for, and the table that it reads, unless other ones are named."""
WITHOUT_LISTS = ("sqlite", "mysql", "tsql", "redshift", "oracle")
"""Dialects in which a column can't be a list of numbers."""
REPEATING = ("postgres", "sqlite")
"""Dialects whose engines write a step into the next as often as that names it, so that work multiplies, unless told not
to."""
PLACEHOLDER = "mallard_relation"
PLAIN = re.compile("[a-z_][a-z0-9_]*")
AT_ONCE = 32
"""Terms of a sum in one bracket, because engines refuse expressions that are a thousand deep."""

Numbers = list[str]
"""SQL for each position of a vector; for one, if it is a number."""


class SqlText(Arithmetic[Numbers]):
    """SQL that DuckDB understands, of functions that others have too."""

    def __init__(self, booleans: frozenset[str], name: Callable[[str], str]) -> None:
        self._booleans = booleans
        self._name = name

    def number(self, column: str, above: float | None) -> Numbers:
        name = self._name(column)
        if column in self._booleans:
            return [f"case when {name} then {double(1.0)} when not {name} then {double(0.0)} end"]
        return self.in_range([f"cast({name} as double)"], above)

    def vector(self, column: str, size: int) -> Numbers:
        return [f"cast({self._name(column)}[{place}] as double)" for place in range(1, size + 1)]

    def is_text(self, column: str, text: str) -> Numbers:
        name = self._name(column)
        return [f"case when {name} = {literal(text)} then {double(1.0)} when {name} is not null then {double(0.0)} end"]

    def constant(self, numbers: Sequence[float]) -> Numbers:
        return [double(float(number)) for number in numbers]

    def add(self, a: Numbers, b: Numbers) -> Numbers:
        return _each("({} + {})", a, b)

    def subtract(self, a: Numbers, b: Numbers) -> Numbers:
        return _each("({} - {})", a, b)

    def multiply(self, a: Numbers, b: Numbers) -> Numbers:
        return _each("({} * {})", a, b)

    def divide(self, a: Numbers, b: Numbers) -> Numbers:
        return _each("({} / {})", a, b)

    def ln(self, a: Numbers) -> Numbers:
        """Missing where there is none: some engines would stop."""
        return _each("case when {0} > 0 then ln({0}) end", a)

    def asinh(self, a: Numbers) -> Numbers:
        """By its definition, because not every engine has it."""
        return _each("(sign({0}) * ln(abs({0}) + sqrt({0} * {0} + 1)))", a)

    def in_range(self, a: Numbers, above: float | None) -> Numbers:
        return _each(f"case when {in_range_sql('{0}', above)} then {{0}} end", a)

    def filled(self, a: Numbers, filler: Numbers) -> Numbers:
        return _each("coalesce({}, {})", a, filler)


def write_sql(stored: StoredSegmentation, file: Path, dialect: str = DIALECT, relation: str = RELATION) -> None:
    """Write the query.

    Args:
        dialect: of the warehouse, as sqlglot calls it.
        relation: the table or view to score, in the syntax of the warehouse.

    Raises:
        MallardError: there is no such dialect, it has no lists of numbers and a feature is one, or the relation isn't
            the name of a table.
    """
    dialects = sorted(name for name in sqlglot.Dialect.classes if name)
    if dialect not in dialects:
        raise MallardError(f"there is no SQL dialect {dialect}: choose one of {listed(dialects)}.")
    vectors = [column.name for column in stored.columns if column.kind == VECTOR]
    if vectors and dialect in WITHOUT_LISTS:
        raise MallardError(f"column {vectors[0]} has lists, which {dialect} hasn't: choose another format or dialect.")
    try:
        table = exp.to_table(relation, dialect=dialect)
    except SqlglotError:
        raise MallardError(f"relation {relation} isn't the name of a table in {dialect}: quote it as there.") from None
    query = sqlglot.parse_one(_query(stored, _naming(dialect)), read=DIALECT)
    for read in list(query.find_all(exp.Table)):
        if read.name == PLACEHOLDER:
            read.replace(table)
    for step in query.find_all(exp.CTE) if dialect in REPEATING else ():
        step.set("materialized", True)
    file.write_text(query.sql(dialect, pretty=True) + "\n", "utf-8")


def _naming(dialect: str) -> Callable[[str], str]:
    """How columns are quoted. Where engines fold what isn't quoted to upper case, plain names are upper case."""
    folds = sqlglot.Dialect.get_or_raise(dialect).NORMALIZATION_STRATEGY is NormalizationStrategy.UPPERCASE
    return lambda column: quoted(column.upper() if folds and PLAIN.fullmatch(column) else column)


def _query(stored: StoredSegmentation, name: Callable[[str], str]) -> str:
    """The query in DuckDB's SQL, of a table whose name stands for another. Its steps are those of the package's macros.

    Args:
        name: quotes the name of a column.
    """
    is_spherical = METRICS[stored.metric].spherical
    kept = [name(column) for column in dict.fromkeys([stored.id, *(column.name for column in stored.columns)])]
    text = SqlText(stored.booleans, name)
    scaled = [sql for feature in stored.features for sql in feature.told_to(text)]
    places = [f"mallard_scaled_{place}" for place in range(1, len(scaled) + 1)]
    squares = {segment.id: f"mallard_square_{segment.id}" for segment in stored.segments}
    steps = {"mallard_scaled": [*kept, *_named(scaled, places)]}
    if is_spherical:
        length = f"nullif(sqrt({_sum([f'{place} * {place}' for place in places])}), 0)"
        steps["mallard_lengths"] = ["*", f"{length} as mallard_length"]
        parts = double(DIRECTIONS_KEEP)
        directions = [f"round({place} / mallard_length * {parts}) / {parts}" for place in places]
        steps["mallard_directions"] = [*kept, *_named(directions, places)]
    distances = [_squared_distance(places, segment.centroid) for segment in stored.segments]
    steps["mallard_squares"] = [*kept, *_named(distances, squares.values())]
    given = _by_rules(squares, stored.rules, name) if stored.rules else _nearest(squares)
    if stored.limit is not None:
        given = f"case when {_is_near(squares, stored.limit, is_spherical)} then {given} end"
    steps["mallard_given"] = ["*", f"{given} as segment_id"]
    steps["mallard_second"] = ["*", f"{_second(squares)} as second_segment_id"]
    steps["mallard_distances"] = [
        "*",
        f"{_distance('segment_id', squares, is_spherical)} as distance_to_centroid",
        f"{_distance('second_segment_id', squares, is_spherical)} as distance_to_second_centroid",
    ]
    results = [
        "segment_id",
        f"{_cases('segment_id', {segment.id: literal(segment.name) for segment in stored.segments})} as segment_name",
        "distance_to_centroid",
        "second_segment_id",
        "distance_to_second_centroid",
        f"case when segment_id is not null then {_confidence(stored)} end as confidence",
    ]
    reads = [PLACEHOLDER, *steps]
    parts_sql = [f"{step} as (select {', '.join(steps[step])} from {of})" for of, step in pairwise(reads)]
    return f"with {', '.join(parts_sql)} select {', '.join([*kept, *results])} from {reads[-1]}"


def _squared_distance(places: Sequence[str], centroid: Sequence[float]) -> str:
    differences = [f"({place} - {double(of)})" for place, of in zip(places, centroid, strict=True)]
    return _sum([f"{difference} * {difference}" for difference in differences])


def _nearest(squares: Mapping[int, str]) -> str:
    """The first of the nearest segments: none after it is nearer. A row without distances has none."""
    *but_last, last = squares
    whens = [
        f"when {' and '.join(f'{squares[of]} <= {squares[later]}' for later in squares if later > of)} then {of}"
        for of in but_last
    ]
    return f"case when {squares[last]} is null then null {' '.join(whens)} else {last} end"


def _is_near(squares: Mapping[int, str], limit: StoredLimit, is_spherical: bool) -> str:
    """Whether a row is within the limit of a segment."""
    conditions = []
    for square, radius in zip(squares.values(), limit.radii, strict=True):
        distance = f"{square} / 2" if is_spherical else f"sqrt({square})"
        is_near = f"{distance} / {double(radius)} <= {double(float(limit.max_distance))}"
        conditions.append(is_near if radius else f"{square} = 0")
    return " or ".join(conditions)


def _by_rules(squares: Mapping[int, str], rules: Sequence[StoredRule], name: Callable[[str], str]) -> str:
    """What rules say. A row without distances has no segment, even if no rule asks for what it lacks."""
    whens = []
    for rule in rules:
        condition = sqlglot.parse_one(rule.sql, read=DIALECT)
        for column in list(condition.find_all(exp.Column)):
            column.replace(sqlglot.parse_one(name(column.name), read=DIALECT))
        whens.append(f"when {condition.sql(DIALECT)} then {rule.segment_id}")
    return f"case when {squares[min(squares)]} is null then null {' '.join(whens)} end"


def _confidence(stored: StoredSegmentation) -> str:
    """Below 0 where rules give a segment whose centroid isn't the nearest."""
    confidence = "coalesce(1 - distance_to_centroid / nullif(distance_to_second_centroid, 0), 1)"
    if not stored.rules:
        return confidence
    is_farther = "distance_to_centroid > distance_to_second_centroid"
    return f"case when {is_farther} then distance_to_second_centroid / distance_to_centroid - 1 else {confidence} end"


def _second(squares: Mapping[int, str]) -> str:
    """The same without the nearest."""
    *but_last, last = squares
    if not but_last:
        return "cast(null as integer)"
    whens = []
    for of in but_last:
        later = [f"({squares[of]} <= {squares[id]} or segment_id = {id})" for id in squares if id > of]
        whens.append(f"when {' and '.join([f'segment_id <> {of}', *later])} then {of}")
    return f"case when segment_id is null then null {' '.join(whens)} else {last} end"


def _distance(segment_id: str, squares: Mapping[int, str], is_spherical: bool) -> str:
    square = _cases(segment_id, squares)
    return f"{square} / 2" if is_spherical else f"sqrt({square})"


def _cases(segment_id: str, values: Mapping[int, str]) -> str:
    return f"case {segment_id} {' '.join(f'when {id} then {value}' for id, value in values.items())} end"


def _sum(terms: Sequence[str]) -> str:
    some = [" + ".join(terms[start : start + AT_ONCE]) for start in range(0, len(terms), AT_ONCE)]
    return " + ".join(f"({terms})" for terms in some)


def _named(values: Iterable[str], names: Iterable[str]) -> list[str]:
    return [f"{value} as {name}" for value, name in zip(values, names, strict=True)]


def _each(template: str, *values: Numbers) -> Numbers:
    """The template at each position. A number is the same at all positions of a vector."""
    size = max(map(len, values))
    return [template.format(*of) for of in zip(*(v * size if len(v) == 1 else v for v in values), strict=True)]
