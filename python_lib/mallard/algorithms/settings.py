"""The settings of a comparison of algorithms."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from mallard.algorithms.register import ALGORITHMS, NEED_A_PACKAGE
from mallard.errors import MallardError
from mallard.inputs.reading import check_known
from mallard.inputs.settings import MAX_RANDOM_STATE
from mallard.inputs.values import Values, maybe, shown, whole_number

BESIDE = 1
"""How many more and fewer clusters than there are segments are tried."""
LOWEST, HIGHEST = 2, 10
"""The numbers of clusters to try where there are no segments."""

NAMES = Values(
    f"give a list of {', '.join(ALGORITHMS)}",
    lambda value: (
        isinstance(value, list | tuple)
        and len(value) > 0
        and all(isinstance(name, str) and name in ALGORITHMS for name in value)
    ),
    "list of algorithms",
)
VALUES = {
    "algorithms": maybe(NAMES),
    "min_clusters": maybe(whole_number(2)),
    "max_clusters": maybe(whole_number(2)),
    "max_rows": whole_number(10, 1_000_000),
    "n_resamples": whole_number(0, 1000),
    "random_state": whole_number(0, MAX_RANDOM_STATE),
}


@dataclass(frozen=True)
class ComparisonSettings:
    """What a comparison can be told.

    Attributes:
        algorithms: those that run, in this order. Default: all that come with Mallard.
        min_clusters: the smallest number of clusters. Default: one fewer than there are segments, or 2.
        max_clusters: the largest. Default: one more than there are segments, or 10.
        max_rows: of more rows, a sample of this size is compared.
        n_resamples: how many resamples the stability is the mean of; 0: it isn't measured.
        random_state: seed of sample, resamples and algorithms.

    Raises:
        MallardError: a setting has a value that it doesn't accept.
    """

    algorithms: list[str] | None = None
    min_clusters: int | None = None
    max_clusters: int | None = None
    max_rows: int = 2000
    n_resamples: int = 5
    random_state: int = 0

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not VALUES[name].include(value):
                raise _refusal(name, value, f"{VALUES[name].remedy}.")
        if self.min_clusters is not None and self.max_clusters is not None and self.min_clusters > self.max_clusters:
            remedy = f"it is below min_clusters, {self.min_clusters}; raise it to that or more."
            raise _refusal("max_clusters", self.max_clusters, remedy)

    @property
    def chosen(self) -> list[str]:
        """The names of the algorithms that run, each once."""
        return list(dict.fromkeys(self.algorithms or [name for name in ALGORITHMS if name not in NEED_A_PACKAGE]))

    def tried(self, n_segments: int | None) -> range:
        """The numbers of clusters to try.

        Args:
            n_segments: the number of segments; None if it isn't known.
        """
        lowest, highest = (LOWEST, HIGHEST) if n_segments is None else (n_segments - BESIDE, n_segments + BESIDE)
        lowest = (
            min(max(lowest, LOWEST), self.max_clusters or highest) if self.min_clusters is None else self.min_clusters
        )
        highest = max(highest, lowest) if self.max_clusters is None else self.max_clusters
        return range(lowest, highest + 1)


def read_comparison(meta: Any) -> ComparisonSettings:
    """The settings in the `meta` of a dbt model.

    Raises:
        MallardError: there is no such setting, or a setting makes no sense.
    """
    check_known(meta, [field.name for field in fields(ComparisonSettings)])
    return ComparisonSettings(**meta)


def _refusal(name: str, value: Any, remedy: str) -> MallardError:
    return MallardError(f"setting {name} is {shown(value)}: {remedy}")
