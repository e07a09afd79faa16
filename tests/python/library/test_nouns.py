from __future__ import annotations

import pytest

from mallard.nouns import noun


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("customer", "customers"),
        ("product", "products"),
        ("company", "companies"),
        ("day", "days"),
        ("business", "businesses"),
        ("box", "boxes"),
        ("branch", "branches"),
        ("person", "people"),
        ("sales person", "sales people"),
        ("web shop", "web shops"),
        ("SKU", "SKUs"),
    ],
)
def test_a_noun_has_its_plural(one: str, many: str) -> None:
    assert noun(one) == (one, many)
