"""What customers must be like before they can be clustered."""

from __future__ import annotations

from collections.abc import Sequence

from mallard.errors import MallardError
from mallard.inputs.settings import Settings
from mallard.kmeans.compress import Customers
from mallard.kmeans.metric import METRICS
from mallard.sql.points import LARGEST_WEIGHT, SMALLEST_WEIGHT

LENGTH_TOL = 1e-6
"""How far the length of a unit vector may be from 1."""


def check_customers(customers: Customers, features: Sequence[str], settings: Settings) -> None:
    """Refuse customers who can't be clustered.

    Args:
        features: the names of the features, in order.

    Raises:
        MallardError: there are none, or some lack a feature, a weight or a direction.
    """
    metric, many = METRICS[settings.metric], settings.rows.many
    if not len(customers):
        if metric.no_customers is not None:
            raise settings.refusal("metric", metric.no_customers.format(settings.rows.one))
        raise MallardError(
            f"there are no {many} to segment: the table of features has no rows; check what the models before it "
            "leave out."
        )
    for feature, n_missing in zip(features, customers.n_missing, strict=True):
        if 0 < n_missing < len(customers):
            raise MallardError(
                f"feature {feature} is missing for {n_missing:,} of {len(customers):,} {many}: fill it in or leave "
                "them out before it is scaled."
            )
        if n_missing:
            raise MallardError(
                f"feature {feature} can't be scaled, because it varies too little among the {len(customers):,} "
                f"{many} (its spread is 0): leave it out of features, or give it another scale."
            )
    if customers.n_without_weight:
        raise MallardError(
            f"the weight isn't a number above 0 (from {SMALLEST_WEIGHT:g} to {LARGEST_WEIGHT:g}) for "
            f"{customers.n_without_weight:,} of {len(customers):,} {many}: exclude rows that should not count."
        )
    if metric.spherical:
        shortest, longest = customers.lengths()
        if max(abs(shortest - 1), abs(longest - 1)) > LENGTH_TOL:
            raise settings.refusal(
                "metric",
                f"it compares directions, which have length 1, and the {many} have lengths from {shortest:g} to "
                f"{longest:g}; turn their features into directions with the macro mallard.directions",
            )
