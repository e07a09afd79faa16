"""The generic tests that look at a history pass on what was built, and fail on tables broken on purpose."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from living_shop import LivingShop

TESTS = """
models:
  - name: segments
    data_tests: [mallard.transitions_add_up, mallard.ids_persist]
"""
MOVED_FOR_NOTHING = """
update segments set segment_id = 1
where customer_id in (select customer_id from segments where segment_id = 2 and not is_new order by 1 limit {n})
"""

CLOCK_WENT_BACK = "update segments__builds set built_at = timestamp '2099-01-01' where build = 1"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> LivingShop:
    """Two versions, between which twenty customers moved, ten left and ten joined."""
    shop = LivingShop(tmp_path_factory.mktemp("history"), {"id": "customer_id", "n_clusters": 3})
    shop.consumer.write("models/segments.yml", TESTS)
    rng = np.random.default_rng(3)
    places = np.repeat([[10.0, 10], [40, 12], [25, 45]], 100, axis=0) + rng.uniform(-4, 4, (300, 2))
    customers = pd.DataFrame({"customer_id": range(300), "visits": places[:, 0], "revenue": places[:, 1]})
    shop.build(customers)
    later = customers.copy()
    later.loc[:19, "visits"] += 30
    later.loc[290:, "customer_id"] += 1000
    shop.build(later, "--full-refresh")
    return shop


@pytest.mark.parametrize(
    ("breakage", "test", "passes"),
    [
        ("select 1", "ids_persist", True),
        ("select 1", "transitions_add_up", True),
        (MOVED_FOR_NOTHING.format(n=27), "ids_persist", True),  # of the 270 who were there and stayed what they were
        (MOVED_FOR_NOTHING.format(n=28), "ids_persist", False),
        ("update segments__transitions set n_customers = 11 where kind = 'left'", "transitions_add_up", False),
        ("delete from segments__transitions where part = 'redefinition'", "transitions_add_up", False),
        (
            "update segments__transitions set to_segment_id = 4 - to_segment_id where part = 'behaviour'",
            "transitions_add_up",
            False,
        ),
        ("delete from segments where customer_id = 7", "transitions_add_up", False),
        (CLOCK_WENT_BACK, "transitions_add_up", True),
        (f"{CLOCK_WENT_BACK}; delete from segments where customer_id = 7", "transitions_add_up", False),
    ],
)
def test_fails_on_a_broken_history(shop: LivingShop, breakage: str, test: str, passes: bool) -> None:
    assert shop.consumer.passes_with(breakage, f"segments,test_name:{test}") == passes
