"""What to compare the rows of a table by, if each row is a customer or anything else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mallard.errors import MallardError
from mallard.figures import figure
from mallard.inputs.values import ENTITY, listed
from mallard.start.likeliest import likeliest
from mallard.start.look import IDS, NUMBERS, Column, Table
from mallard.start.options import Options
from mallard.start.words import (
    CUSTOMER,
    EMAIL,
    ID,
    MONEY,
    NAME,
    PERSONAL,
    PRICE,
    ROW,
    is_id,
    likeness_to_money,
    words_of,
    words_of_table,
)

PHRASE = re.compile(r"[^\W\d_]+(?:[ _-][^\W\d_]+)*")
"""Words of letters, which can stand in the name of a file."""
MAX_CATEGORIES = 10
"""Most values of a category among the features: more say little about each."""
MIN_KNOWN = 0.5
"""Share of the rows that have a value of a feature, at least."""


VECTOR = "is a vector, and can't be weighed against numbers"
"""Why a vector isn't a feature, unless there is nothing else."""


@dataclass(frozen=True)
class Entities:
    """The parts that columns play.

    Attributes:
        left_out: why each column that is neither the id nor a feature isn't one.
        value: the column of what a row is worth in money; None if there is none.
        personal: the columns that say who somebody is.
        n_incomplete: for each feature that some rows lack, the number of those.
    """

    id: Column
    features: list[str]
    left_out: dict[str, str]
    value: str | None
    personal: list[str]
    n_incomplete: dict[str, int]


def id_of(table: Table, options: Options) -> Column:
    """The column that identifies a row.

    Raises:
        MallardError: there is none, or can't be told which one it is.
    """
    if options.customer_id:
        column = table.column(options.customer_id, "--customer-id")
        if not (column.is_unique and column.n_known == table.n_rows):
            raise MallardError(
                f"table {table.name}: {column.name} identifies no row, because a value is missing or repeated: name "
                "another column with --customer-id."
            )
        return column
    found = likeliest(table, lambda column: _like_an_id(table, column), "the id of a row", "--customer-id")
    if found is None:
        raise MallardError(
            f"table {table.name} has no column that looks like an id, with another value in every row: name one with "
            f"--customer-id, one of {listed([column.name for column in table.columns])}."
        )
    return found


def entities_in(table: Table, id_column: Column, entity: str) -> Entities:
    """What to compare the rows of a table by.

    Raises:
        MallardError: no column says anything about a row.
    """
    others = [column for column in table.columns if column != id_column]
    is_person = entity in CUSTOMER
    left_out = {column.name: reason for column in others if (reason := _why_not(table, column, is_person))}
    features = [column for column in others if column.name not in left_out]
    if not features:
        features = [column for column in others if left_out[column.name] == VECTOR]
        left_out = {name: reason for name, reason in left_out.items() if reason != VECTOR}
    if not features:
        reasons = "; ".join(f"{name} {reason}" for name, reason in left_out.items()) or "there is no other column"
        raise MallardError(f"table {table.name} has nothing to compare rows by besides {id_column.name}: {reasons}.")
    likeliest_value = max(features, key=_like_a_value)
    return Entities(
        id_column,
        [column.name for column in features],
        left_out,
        likeliest_value.name if _like_a_value(likeliest_value) else None,
        [column.name for column in others if _is_personal(column, is_person)],
        {column.name: n for column in features if (n := table.n_rows - column.n_known)},
    )


def entity_of(id_column: Column, otherwise: Sequence[str], options: Options) -> str:
    """What a row is called, in the singular, by the name of its id.

    Args:
        otherwise: the words to call it by, if the name of the id has none.

    Raises:
        MallardError: the option is no word.
    """
    if options.entity is not None:
        if not _is_word(options.entity):
            raise MallardError(f"--entity is {options.entity}: {ENTITY.remedy}.")
        return options.entity
    words = [word for word in words_of(id_column.name) if word not in ID | EMAIL] or otherwise
    name = " ".join("customer" if word == "cust" else word for word in words)
    return name if _is_word(name) else "customer"


def _is_word(text: str) -> bool:
    return ENTITY.include(text) and PHRASE.fullmatch(text) is not None


def _like_an_id(table: Table, column: Column) -> int:
    if not column.is_unique or column.n_known < table.n_rows or column.family not in IDS:
        return 0
    words = set(words_of(column.name))
    if is_id(column.name):
        of_table = set(words_of_table(table.name))
        return 4 if words <= ID | of_table or words & CUSTOMER else 3
    is_first = column == table.columns[0] and column.family != "number"
    return 2 if words & CUSTOMER else 1 if is_first else 0


def _why_not(table: Table, column: Column, is_person: bool) -> str | None:
    """Why a column isn't a feature, as the end of a sentence that its name begins; None if it is one."""
    words = set(words_of(column.name))
    if column.n_known == 0:
        return "has no value"
    if column.n_known < MIN_KNOWN * table.n_rows:
        return f"has no value in {1 - column.n_known / table.n_rows:.0%} of the rows"
    if _is_personal(column, is_person):
        return "says who somebody is"
    if column.family == "moment" or column.formats:
        return "is a date: the days since then would be a number"
    if column.family == "vector":
        return VECTOR
    if column.family == "other":
        return "is neither a number nor a category"
    if column.n_distinct == 1:
        return "is the same in all rows"
    is_category = column.family in ("text", "boolean") and column.n_distinct <= MAX_CATEGORIES
    if is_id(column.name) and not is_category:
        return "looks like an id"
    if column.family == "numerals":
        return "is text, though it has numbers: a cast would make it a feature"
    if words & ROW and column.family == "whole" and column.is_unique:
        return "counts the rows"
    if column.family == "text" and not is_category:
        return f"has {figure(column.n_distinct)} different texts"
    return None


def _is_personal(column: Column, is_person: bool) -> bool:
    words = set(words_of(column.name))
    return (bool(words & PERSONAL) and "year" not in words) or (is_person and NAME in words)


def _like_a_value(column: Column) -> int:
    """How likely a number is what a row is worth: a price isn't, because the pieces that were sold count, too."""
    is_price = PRICE in words_of(column.name)
    return 0 if is_price or column.family not in NUMBERS else likeness_to_money(column.name, MONEY)
