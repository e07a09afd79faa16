"""What to compare the rows of a table by, if each row is a customer or anything else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mallard.errors import MallardError
from mallard.figures import figure
from mallard.inputs.values import ENTITY, listed
from mallard.start.likeliest import likeliest
from mallard.start.look import NUMBERS, Column, Table
from mallard.start.options import Options
from mallard.start.words import CUSTOMER, ID, MONEY, NAME, NOT_MONEY, PERSONAL, ROW, singular, words_of

PHRASE = re.compile(r"[^\W\d_]+(?:[ _-][^\W\d_]+)*")
"""Words of letters, which can stand in the name of a file."""
MAX_CATEGORIES = 10
"""Most values of a category among the features: more say little about each."""
MIN_KNOWN = 0.5
"""Share of the rows that have a value of a feature, at least."""


@dataclass(frozen=True)
class Entities:
    """The parts that columns play.

    Attributes:
        left_out: why each column that is neither the id nor a feature isn't one.
        value: the column of money; None if there is none.
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
        reasons = "; ".join(f"{name} {reason}" for name, reason in left_out.items()) or "there is no other column"
        raise MallardError(f"table {table.name} has nothing to compare rows by besides {id_column.name}: {reasons}.")
    money = [column.name for column in features if _is_money(column)]
    return Entities(
        id_column,
        [column.name for column in features],
        left_out,
        money[0] if money else None,
        [column.name for column in others if _is_personal(column, is_person)],
        {column.name: n for column in features if (n := table.n_rows - column.n_known)},
    )


def entity_of(table: Table, id_column: Column, options: Options) -> str:
    """What a row is called, in the singular: by the name of its id, or else by that of the table.

    Raises:
        MallardError: the option is no word.
    """
    if options.entity is not None:
        if not (ENTITY.include(options.entity) and PHRASE.fullmatch(options.entity)):
            raise MallardError(f"--entity is {options.entity}: {ENTITY.remedy}.")
        return options.entity
    words = [word for word in words_of(id_column.name) if word not in ID] or [
        *words_of(table.name)[:-1],
        *map(singular, words_of(table.name)[-1:]),
    ]
    name = "_".join("customer" if word == "cust" else word for word in words)
    return name if name.isascii() and name.isidentifier() else "customer"


def _like_an_id(table: Table, column: Column) -> int:
    if not column.is_unique or column.n_known < table.n_rows or column.family not in (*NUMBERS, "text"):
        return 0
    words = set(words_of(column.name))
    if words & ID:
        of_table = {singular(word) for word in words_of(table.name)}
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
    if column.family == "other":
        return "is neither a number nor a category"
    if column.n_distinct == 1:
        return "is the same in all rows"
    if words & ID and column.family != "boolean":
        return "looks like an id"
    if words & ROW and column.family == "whole" and column.is_unique:
        return "counts the rows"
    if column.family == "text" and column.n_distinct > MAX_CATEGORIES:
        return f"has {figure(column.n_distinct)} different texts"
    return None


def _is_personal(column: Column, is_person: bool) -> bool:
    words = set(words_of(column.name))
    return bool(words & PERSONAL) or (is_person and NAME in words)


def _is_money(column: Column) -> bool:
    words = set(words_of(column.name))
    return column.family in NUMBERS and bool(words & set(" ".join(MONEY).split())) and not words & NOT_MONEY
