"""Macros in the published file, which answer questions that no table does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mallard.sql.text import quoted


@dataclass(frozen=True)
class Macro:
    """A scalar macro of DuckDB.

    Attributes:
        expression: SQL over the parameters and constants. It names no table, because nobody knows under which name the
            file will be attached.
    """

    name: str
    parameters: Sequence[str]
    expression: str

    def create_sql(self, database: str) -> str:
        parameters = ", ".join(map(quoted, self.parameters))
        return f"create macro {database}.main.{quoted(self.name)}({parameters}) as {self.expression}"
