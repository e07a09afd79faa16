"""Scaled customers in, a table of partitions out."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from mallard.errors import MallardError
from mallard.steps.terminal import is_empty_run, log, warn

if TYPE_CHECKING:
    import pyarrow as pa

    from mallard.choice.version_before import Earlier
    from mallard.choice.vocabulary import Trait
    from mallard.engines.engine import Relation
    from mallard.inputs.settings import Settings
    from mallard.kmeans.points import Floats

WEIGHT = "mallard__weight"
"""The column of the scaled customers that says how often each counts, if they don't all count once."""

one_at_a_time = Lock()
"""Who holds it fits alone: each fit uses all cores, so two at once only get in each other's way."""


class Fitted(NamedTuple):
    """What a fit found.

    Attributes:
        partitions: a table with the schema `mallard.tables.partitions.PARTITIONS`, without rows if dbt builds without
            rows.
        candidate: the number of segments that a fit of other data would have to choose, too, before it is taken.
    """

    partitions: pa.Table
    candidate: int | None


def features_by_column(columns: Sequence[str], prefix: str) -> dict[str, str]:
    """The name of each feature, by the column that has it scaled.

    Raises:
        MallardError: there is none.
    """
    features = {column: column.removeprefix(prefix) for column in columns if column.startswith(prefix)}
    if not features:
        raise MallardError(f"there is no feature: no column of {', '.join(columns)} begins with {prefix}.")
    return features


def fit(
    customers: Relation,
    features: dict[str, str],
    settings: Settings,
    starts: Floats | None,
    traits: Sequence[Trait] | None = None,
    earlier: Earlier | None = None,
    worth: Sequence[Relation] = (),
) -> Fitted:
    """Segment customers.

    Args:
        customers: one row per customer.
        features: the name of each feature, by the column that has it scaled.
        starts: the given centroids, if there are any, shape (n_clusters, n_features).
        traits: the features, as names see them. Default: numbers that are called what the settings say.
        earlier: the segments of the version before, if there is one.
        worth: the customers, weighted by what is above 0 of their worth, and by what is below, if anything is; see
            `mallard.choice.least_shares.Worth`.
    """
    from mallard.tables.partitions import PARTITIONS, partitions_table

    if is_empty_run():
        return Fitted(PARTITIONS.empty_table(), None)
    with one_at_a_time:
        from mallard import progress
        from mallard.choice.least_shares import Worth
        from mallard.engines.engine import customers_of
        from mallard.flow import segment

        weight = WEIGHT if WEIGHT in customers.columns else None
        names = list(features.values())
        with progress.reported(log), _nothing_older_collected():
            progress.begin(f"counting the {settings.rows.many}")
            with ExitStack() as opened:
                rows = opened.enter_context(customers_of(customers, list(features), weight))
                amounts = [opened.enter_context(customers_of(of, list(features), WEIGHT)) for of in worth]
                of_worth = Worth(amounts[0], *amounts[1:]) if amounts else None
                segmentation = segment(rows, names, settings, starts, traits, earlier, of_worth)
        log(segmentation.compressed)
        log(f"{segmentation.selection.reason} {segmentation.verdict}")
        for caution in segmentation.cautions:
            warn(caution)
        of_positions = [name for name, size in zip(names, rows.sizes, strict=True) for _ in range(size or 1)]
        return Fitted(partitions_table(of_positions, segmentation), segmentation.selection.candidate)


@contextmanager
def _nothing_older_collected() -> Iterator[None]:
    """Keep Python's garbage collector to what is made from now on: going through all that dbt holds takes it 0.2 s."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
