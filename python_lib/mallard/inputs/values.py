"""The values that a setting accepts, and how to say so."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from math import inf
from typing import Any, NamedTuple

from mallard.errors import shortened
from mallard.labels import in_list

MAX_LISTED = 20


class Values(NamedTuple):
    """The values that a setting accepts.

    Attributes:
        remedy: what to do about any other value; it follows a colon.
        include: whether a value is accepted.
        description: for the table of settings.
    """

    remedy: str
    include: Callable[[Any], bool]
    description: str


def one_of(*values: str) -> Values:
    """One of several words."""
    listed = ", ".join(values)
    return Values(f"choose from {listed}", lambda value: isinstance(value, str) and value in values, listed)


def whole_number(lowest: int, highest: int | None = None) -> Values:
    """A whole number within bounds."""
    bounds = f"of {lowest} or more" if highest is None else f"from {lowest} to {highest}"

    def include(value: Any) -> bool:
        return _is_whole(value) and value >= lowest and (highest is None or value <= highest)

    return Values(f"set it to a whole number {bounds}", include, f"whole number {bounds}")


def maybe(values: Values) -> Values:
    """These values, or none."""
    return values._replace(include=lambda value: value is None or values.include(value))


def shown(value: Any) -> str:
    """A value as people write it in YAML, and as macros show it; a long one is shortened."""
    return shortened(json.dumps(value, ensure_ascii=False, default=str))


def listed(names: Sequence[object]) -> str:
    """Names after each other; the first of many. Each can be told from the next, even if it has a comma."""
    return enumerated([in_list(str(name)) for name in names])


def enumerated(texts: Sequence[str]) -> str:
    """Texts that can be told from each other, after each other; the first of many."""
    others = f" and {len(texts) - MAX_LISTED:,} more" if len(texts) > MAX_LISTED else ""
    return ", ".join(texts[:MAX_LISTED]) + others


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_features(value: Any) -> bool:
    return isinstance(value, list | tuple | Mapping) and all(isinstance(name, str) for name in value)


def _is_word(value: Any) -> bool:
    return (isinstance(value, str) and value.strip() != "") or _is_number(value)


def _is_name_by_id(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        str(segment).isascii() and str(segment).isdigit() and int(segment) >= 1 and _is_word(name)
        for segment, name in value.items()
    )


def _is_name_by_group(value: Any) -> bool:
    return isinstance(value, Mapping) and all(map(_is_name_by_id, value.values()))


def _is_phrase(text: str) -> bool:
    return text == " ".join(text.split()) and text.replace(" ", "").replace("-", "").isalpha()


def _is_rules(value: Any) -> bool:
    if isinstance(value, Mapping):
        return value.keys() == {"max_leaves"} and _is_whole(value["max_leaves"]) and value["max_leaves"] >= 2
    return isinstance(value, bool)


def _is_publish(value: Any) -> bool:
    return isinstance(value, bool) or _is_names(value)


def _is_names(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(name, str) for name in value)


COLUMN = Values("give the name of a column", lambda value: isinstance(value, str) and value != "", "a column")
LONGEST_ENTITY = 30
ENTITY = Values(
    f"give a word in the singular, such as product, of at most {LONGEST_ENTITY} letters",
    lambda value: isinstance(value, str) and _is_phrase(value) and len(value) <= LONGEST_ENTITY,
    "word in the singular",
)
RELATION = Values(
    "name a table, with its schema and database if they are others",
    lambda value: isinstance(value, str) and value != "",
    "a table",
)
FEATURES = Values(
    "give columns as a list, or as {column: {scale: ..., weight: ...}, ...}",
    lambda value: _is_features(value) and len(value) > 0,
    "list of columns, or {column: {scale, weight}, ...}",
)
WORDS = Values(
    "give it as {column: word, ...}",
    lambda value: isinstance(value, Mapping) and all(map(_is_word, value.values())),
    "{column: word, ...}",
)
NAMES = Values(
    "give it as {id of a segment: name, ...}, or name a model or seed with the columns segment_id and segment_name",
    lambda value: _is_name_by_id(value) or _is_name_by_group(value) or (isinstance(value, str) and value != ""),
    "{id: name, ...}, or the name of a model or seed",
)
AUTO_OR_NUMBER = Values(
    "set it to auto or to a whole number of 1 or more",
    lambda value: value == "auto" or (_is_whole(value) and value >= 1),
    "auto, or whole number of 1 or more",
)
LIGHTEST, HEAVIEST = 0.0001, 10_000
"""Beyond, the other features or this one lose the digits that distances are made of."""
WEIGHT = Values(
    f"set it to a number from {LIGHTEST} to {HEAVIEST:,}",
    lambda value: _is_number(value) and LIGHTEST <= value <= HEAVIEST,
    f"number from {LIGHTEST} to {HEAVIEST:,}",
)
CONTAMINATION = Values(
    "set it to a number from 0 to 0.5",
    lambda value: _is_number(value) and 0 <= value <= 0.5,
    "number from 0 to 0.5",
)
DISTANCE = Values(
    "set it to a number above 0, such as 3", lambda value: _is_number(value) and 0 < value < inf, "number above 0"
)
FRACTION = Values(
    "set it to a number from 0 to 1",
    lambda value: _is_number(value) and 0 <= value <= 1,
    "number from 0 to 1",
)
TRUE_OR_FALSE = Values("set it to true or to false", lambda value: isinstance(value, bool), "true or false")
COLUMNS = Values("give columns as a list", _is_names, "list of columns")
RULES = Values(
    "set it to true, to false, or to {max_leaves: whole number of 2 or more}",
    _is_rules,
    "true, false, or {max_leaves: n}",
)
PUBLISH = Values("set it to true, to false, or to a list of tables", _is_publish, "true, false, or list of tables")
