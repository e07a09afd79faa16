"""The settings of texts that become vectors."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any, NamedTuple, get_type_hints

from mallard.errors import MallardError
from mallard.inputs.reading import check_known
from mallard.inputs.values import COLUMN, FRACTION, Values, maybe, shown, whole_number

DEFAULT_LENGTH = 16


class Described(NamedTuple):
    """What is known of a setting: the values that it accepts, and its meaning."""

    values: Values
    meaning: str


@dataclasses.dataclass(frozen=True)
class TextSettings:
    """Everything that the helpers for texts can be told.

    Raises:
        MallardError: a setting has a value that it doesn't accept.
    """

    customer_id: Annotated[str, Described(COLUMN, "The column with the customer's id.")] = "customer_id"
    text: Annotated[str, Described(COLUMN, "The column with the text.")] = "text"
    length: Annotated[
        int | None,
        Described(
            maybe(whole_number(1)), f"The number of positions of a vector. Default: {DEFAULT_LENGTH}, at the first fit."
        ),
    ] = None
    max_terms: Annotated[
        int, Described(whole_number(2), "The most terms. If there are more, those that are used most often are kept.")
    ] = 5_000
    min_df: Annotated[int, Described(whole_number(1), "A term must be in at least so many texts.")] = 2
    max_df: Annotated[
        float,
        Described(
            FRACTION,
            "A term may be in at most this share of the texts; 0.5 leaves out what more than half of them use.",
        ),
    ] = 1.0
    ngram: Annotated[
        int, Described(whole_number(1, 5), "The most words of a term: with 2, `not good` is a term, too.")
    ] = 1

    def __post_init__(self) -> None:
        for name, setting in described().items():
            if not setting.values.include(getattr(self, name)):
                raise self.refusal(name, setting.values.remedy)

    def refusal(self, name: str, remedy: str) -> MallardError:
        """The error to raise over a setting."""
        return MallardError(f"setting {name} is {shown(getattr(self, name))}: {remedy}.")

    def check_length(self, fitted: int) -> None:
        """Refuse a length that isn't that of the stored terms."""
        if self.length not in (None, fitted):
            raise self.refusal(
                "length",
                f"the stored terms have {fitted} positions; leave it out, or fit them again with --full-refresh",
            )


def described() -> dict[str, Described]:
    """What is known of each setting, by name."""
    hints = get_type_hints(TextSettings, include_extras=True)
    return {field.name: hints[field.name].__metadata__[0] for field in dataclasses.fields(TextSettings)}


def read_text_settings(meta: Any) -> TextSettings:
    """The settings in the `meta` of a Python model.

    Raises:
        MallardError: there is no such setting, or a setting makes no sense.
    """
    check_known(meta, list(described()))
    return TextSettings(**meta)
