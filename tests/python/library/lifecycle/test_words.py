from __future__ import annotations

import pytest

from mallard.lifecycle.change import Change
from mallard.lifecycle.words import described, foremost


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (Change("feature mean", 0.312, 0.0, 0.15, feature=1), "the mean of revenue moved by 0.31 standard deviations"),
        (Change("means", 0.021, 0.0, 0.0075), "a new fit would lower inertia by 2.1%"),
        (Change("spread", 1.234, 0.0, 1.15), "mean squared distances to the centroids became 1.23 times as large"),
        (Change("shares", 0.101, 0.0, 0.06), "10% of the customers would have to change segment"),
    ],
)
def test_what_drifted_is_said_with_its_size(change: Change, said: str) -> None:
    sentence = described(change, ["visits", "revenue"], 2, "customers")
    assert said in sentence
    assert "since version 2" in sentence


def test_the_feature_that_moved_most_comes_first() -> None:
    shares, small, large = (
        Change("shares", 0.9, 0.0, 0.06),
        Change("feature mean", 0.2, 0.0, 0.15, feature=0),
        Change("feature mean", 0.3, 0.0, 0.15, feature=1),
    )
    assert foremost([shares, small, large]) is large


def test_customers_are_called_what_the_setting_entity_says() -> None:
    assert "10% of the products would" in described(Change("shares", 0.101, 0.0, 0.06), [], 2, "products")
