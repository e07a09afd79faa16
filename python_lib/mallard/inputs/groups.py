"""The groups of a table, each of which is segmented by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mallard.errors import MallardError
from mallard.inputs.columns import Query
from mallard.inputs.settings import Settings
from mallard.inputs.values import shown
from mallard.sql.text import exact_text, quoted

OTHER = "other"
"""The group of those that are too small by themselves."""
MAX_SHOWN = 5


@dataclass(frozen=True)
class Group:
    """Rows that are segmented together.

    Attributes:
        name: what tables call it.
        values: those of the column that it has, as text.
        n_rows: of all of them.
    """

    name: str
    values: tuple[str, ...]
    n_rows: int


def groups_of(table: str, settings: Settings, query: Query) -> list[Group]:
    """The groups of a table, in the order of their names. Rows without a value are in none.

    Args:
        table: by the name that SQL uses.
        settings: with a `group_by`, spelled as in the table.
        query: runs a query on the table.

    Raises:
        MallardError: there is no group, or some are too small.
    """
    value = exact_text(quoted(str(settings.group_by)))
    rows = query(f"select {value}, count(*) from {table} where {value} is not null group by {value}")
    groups = sorted((Group(name, (name,), n_rows) for name, n_rows in rows), key=lambda group: group.name)
    if not groups:
        raise settings.refusal(
            "group_by", f"all {settings.rows.many} lack it, so there is no group; name another column"
        )
    least = smallest_group(settings)
    small = [group for group in groups if group.n_rows < least]
    if not small:
        return groups
    if settings.small_groups == "error":
        raise _too_small(small, least, settings, "lower smallest_group, or set small_groups to pool")
    large = [group for group in groups if group.n_rows >= least]
    if any(group.name == OTHER for group in large):
        raise settings.refusal(
            "small_groups", f"there is a group that is called {OTHER}; give it another name in the select"
        )
    pooled = Group(OTHER, tuple(group.name for group in small), sum(group.n_rows for group in small))
    if pooled.n_rows < least:
        remedy = (
            f"even together they have only {pooled.n_rows:,}; lower smallest_group, or leave them out of the select"
        )
        raise _too_small(small, least, settings, remedy)
    return sorted([*large, pooled], key=lambda group: group.name)


def smallest_group(settings: Settings) -> int:
    """How many rows a group must have."""
    return max(2, settings.tried.start) if settings.smallest_group is None else settings.smallest_group


def _too_small(small: Sequence[Group], least: int, settings: Settings, remedy: str) -> MallardError:
    sizes = [f"{shown(group.name)} ({group.n_rows:,})" for group in small[:MAX_SHOWN]]
    more = f" and {len(small) - MAX_SHOWN:,} more" if len(small) > MAX_SHOWN else ""
    return MallardError(
        f"{len(small):,} of the groups by {settings.group_by} have fewer than {least:,} {settings.rows.many}: "
        f"{', '.join(sizes)}{more}: {remedy}."
    )
