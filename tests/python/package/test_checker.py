"""The checker of the campaign finds each kind of inconsistent table, and nothing in consistent ones."""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pytest
from tests.campaign.checker import CHECKS, Tables
from tests.campaign.shop import ID, Shop

pytestmark = pytest.mark.slow

LAST = "(select max(build) from habits__builds)"
IS_CURRENT = "version = (select max(version) from habits__versions)"
SOMEBODY = f"{ID} = (select min({ID}) from habits where not is_new)"
TAMPERED = {
    "a customer twice": ("each_customer_once", "insert into habits from habits limit 1"),
    "a customer less": ("each_customer_once", f"delete from habits where {SOMEBODY}"),
    "another name": ("ids_agree", f"update habits set segment_name = 'x' where {SOMEBODY}"),
    "a customer of an old version": ("ids_agree", f"update habits set version = 1 where {SOMEBODY}"),
    "a segment without a profile": (
        "ids_agree",
        f"delete from habits__profiles where segment_id = 1 and {IS_CURRENT}",
    ),
    "another size": (
        "sizes_and_shares",
        f"update habits__profiles set n_customers = 0 where {IS_CURRENT}",
    ),
    "another share": (
        "sizes_and_shares",
        f"update habits__profiles set share = share + 1e-6 where {IS_CURRENT}",
    ),
    "another mean": ("means", f"update habits__profiles set mean = mean + 1e-6 where {IS_CURRENT}"),
    "an earlier mean overall": ("means", "update habits__profiles set overall_mean = overall_mean * 1.000001"),
    "another spread": ("scales", "update habits__features set spread = spread * 1.001"),
    "another segment": (
        "nearest_is_nearest",
        f"update habits set segment_id = second_segment_id, second_segment_id = segment_id where {SOMEBODY}",
    ),
    "another distance": ("nearest_is_nearest", f"update habits set distance_to_centroid = 0.7 where {SOMEBODY}"),
    "another inertia": ("inertia", "update habits__versions set inertia = inertia * 1.00001"),
    "inertia of others": (
        "inertia",
        "update habits__versions set inertia = inertia * 1.01; update habits__metrics set inertia = inertia * 1.01",
    ),
    "one who joined less": (
        "transitions_add_up",
        "update habits__transitions set n_customers = n_customers - 1 where kind = 'joined'",
    ),
    "transitions of a lost build": ("transitions_add_up", f"delete from habits__builds where build = {LAST}"),
    "transitions twice": ("transitions_add_up", "insert into habits__transitions from habits__transitions"),
    "nobody new": ("customers_remember", "update habits set is_new = false"),
    "another segment before": ("customers_remember", f"update habits set previous_segment_id = 9 where {SOMEBODY}"),
    "a lost build": ("builds_are_numbered", "delete from habits__builds where build = 2"),
    "a build twice": ("builds_are_numbered", "insert into habits__builds from habits__builds limit 1"),
    "a lost version": ("versions_are_numbered", "delete from habits__versions where version = 2"),
    "another run": ("versions_are_numbered", "update habits__versions set run_id = 'x' where version = 2"),
    "two current versions": ("one_current_version", "update habits__versions set is_current = true"),
    "no current version": ("one_current_version", "update habits__versions set is_current = false"),
    "an id that is used again": (
        "ids_are_kept",
        f"update habits__centroids set segment_id = 9 where {IS_CURRENT} and segment_id = 1",
    ),
    "another lineage": ("ids_are_kept", f"update habits__lineage set keeps_id = false where {IS_CURRENT}"),
    "a moment too early": (
        "moments_are_in_order",
        f"update habits__builds set built_at = timestamp '2001-01-01' where build = {LAST}",
    ),
    "transitions at another moment": (
        "moments_are_in_order",
        "update habits__transitions set built_at = built_at + interval 1 second",
    ),
}
"""The check that must find it, and what was done to the tables."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The database of a shop after three months."""
    shop = Shop(tmp_path_factory.mktemp("checked") / "shop")
    for _ in range(3):
        shop.next_month()
        result = shop.build()
        assert result.returncode == 0, result.stdout
    assert shop.problems() == []
    return shop.consumer.database


@pytest.mark.parametrize("what", TAMPERED)
def test_what_was_tampered_with_is_found(built: Path, tmp_path: Path, what: str) -> None:
    check, sql = TAMPERED[what]
    with duckdb.connect(shutil.copy(built, tmp_path)) as connection:
        connection.execute(sql)
        assert list(CHECKS[check](Tables(connection, "habits", ID)))


def test_each_check_is_tried() -> None:
    assert {check for check, _ in TAMPERED.values()} == CHECKS.keys()


def test_the_checker_stands_apart() -> None:
    code = (Path(__file__).parents[2] / "campaign" / "checker.py").read_text()
    assert "import mallard" not in code
    assert "from mallard" not in code
