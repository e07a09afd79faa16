"""What dbt has to be told to read a seed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mallard.engines.duckdb.sources import delimiter_of
from mallard.sql.text import folded

OF_DBT = ","
"""The delimiter that dbt takes for granted."""


@dataclass(frozen=True)
class Delimited:
    """A seed with another delimiter than dbt expects, of which the project doesn't say so yet.

    Attributes:
        is_declared: whether the project has properties of the seed, which dbt accepts in one place only.
    """

    seed: str
    delimiter: str
    is_declared: bool


def delimited_seed(said: Iterable[Mapping[str, Any]], file: Path) -> Delimited | None:
    """The seed that a CSV file is, if dbt needs to be told its delimiter.

    Args:
        said: what the YAML files of the project say.
    """
    delimiter = delimiter_of(file)
    declared = [seed for of in said for seed in of.get("seeds") or () if folded(seed["name"]) == folded(file.stem)]
    told = [(seed.get("config") or {}).get("delimiter", OF_DBT) for seed in declared] or [OF_DBT]
    return None if delimiter in told else Delimited(file.stem, delimiter, bool(declared))
