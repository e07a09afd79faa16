from __future__ import annotations

from typing import Any

import pytest

from mallard import MallardError
from mallard.inputs.settings import Settings
from mallard.lifecycle.decision import can_compare, can_score, reason_to_fit, what_matters
from mallard.sql.columns import Column

COLUMNS = [Column("id", "integer"), Column("orders", "bigint"), Column("revenue", "double"), Column("note", "varchar")]


def _matters(
    columns: list[Column] = COLUMNS, starts: str | None = None, size: int = 3, **settings: Any
) -> dict[str, Any]:
    settings = {"id": "id", "features": ["orders", "revenue"]} | settings
    return what_matters(Settings(**settings), columns, {"v": size}, starts)


def _with_orders(kind: str) -> list[Column]:
    return [Column("orders", kind) if column.name == "orders" else column for column in COLUMNS]


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        ({}, None),
        ({"names": {"1": "VIP"}, "feature_words": {"orders": "visits"}, "publish": False}, None),
        ({"random_state": 7, "n_init": 3, "stability": 0.5, "value_column": "revenue"}, None),
        ({"columns": [*COLUMNS, Column("age", "integer")]}, None),
        ({"features": ["orders"]}, "feature revenue is gone"),
        ({"features": ["orders", "revenue", "note"]}, "feature note is new"),
        ({"columns": _with_orders("double")}, "column orders was BIGINT and is DOUBLE"),
        ({"columns": _with_orders("varchar")}, "column orders was BIGINT and is VARCHAR"),
        ({"columns": _with_orders("decimal(18,2)")}, None),
        ({"columns": _with_orders("uinteger")}, None),
        ({"scale": "robust"}, 'setting scale was "auto" and is "robust"'),
        ({"assignment": "rules"}, 'setting assignment was "nearest" and is "rules"'),
        ({"rules": {"max_leaves": 9}}, None),
        ({"min_share": 0.1}, "setting min_share was null and is 0.1"),
        ({"n_clusters": 4}, 'setting n_clusters was "auto" and is 4'),
        ({"features": {"orders": {"weight": 2}, "revenue": None}}, "scales or weights in features changed"),
        ({"starts": "f00"}, "the given centroids changed"),
        ({"size": 4}, "column v had 3 numbers and has 4"),
    ],
)
def test_what_changed_is_the_reason_to_fit(now: dict[str, Any], reason: str | None) -> None:
    assert reason_to_fit(_matters(), _matters(**now), "when_needed", full_refresh=False) == reason


def test_the_value_is_a_reason_to_fit_where_segments_have_a_least_share_of_it() -> None:
    fitted, now = (_matters(min_value_share=0.1, value_column=column) for column in ("orders", "revenue"))
    assert reason_to_fit(fitted, now, "when_needed", False) == 'setting value_column was "orders" and is "revenue"'


def test_other_rules_are_a_reason_to_fit_where_they_give_the_segments() -> None:
    fitted = _matters(assignment="rules")
    assert reason_to_fit(fitted, _matters(assignment="rules", rules=True), "when_needed", False) is None
    more = _matters(assignment="rules", rules={"max_leaves": 9})
    assert reason_to_fit(fitted, more, "when_needed", False) == 'setting rules was true and is {"max_leaves": 9}'
    assert reason_to_fit(fitted, _matters(), "when_needed", False) == 'setting assignment was "rules" and is "nearest"'
    with pytest.raises(
        MallardError, match='setting refit is never, but assignment was "nearest" at the fit and is "ru'
    ):
        reason_to_fit(_matters(), fitted, "never", False)


def test_another_method_of_the_library_is_a_reason_to_fit() -> None:
    fitted = _matters() | {"method": 0}
    assert reason_to_fit(fitted, _matters(), "when_needed", False) == "the library finds segments in another way"


def test_what_people_ask_for_comes_first() -> None:
    same = _matters()
    assert reason_to_fit(None, same, "never", full_refresh=True) == "there was no version before"
    assert reason_to_fit(same, same, "never", full_refresh=True) == "--full-refresh asks for it"
    assert reason_to_fit(same, same, "always", full_refresh=False) == "setting refit is always"
    assert reason_to_fit(same, same, "when_needed", False, ["s__metrics"]) == "the table s__metrics is gone"


@pytest.mark.parametrize(
    ("now", "lost", "message"),
    [
        ({"columns": _with_orders("varchar")}, [], "column orders of the version that is there, BIGINT, is VARCHAR"),
        ({"columns": COLUMNS[2:], "features": ["revenue"]}, [], "BIGINT, is NOT THERE: set it to when_needed"),
        ({"weight_column": "orders"}, [], 'weight_column was null at the fit and is "orders": set it to when_needed'),
        ({}, ["s__metrics"], "the table s__metrics is gone: set it to when_needed"),
    ],
)
def test_never_is_refused_where_the_version_can_not_stay(now: dict[str, Any], lost: list[str], message: str) -> None:
    with pytest.raises(MallardError, match=message):
        reason_to_fit(_matters(), _matters(**now), "never", False, lost)


def test_never_keeps_the_version_whatever_the_settings_say() -> None:
    assert reason_to_fit(_matters(), _matters(scale="robust"), "never", full_refresh=False) is None


def test_drift_is_measured_where_customers_count_by_the_same_column() -> None:
    fitted = _matters(weight_column="revenue", features=["orders"])
    for weight_column, is_comparable in (("revenue", True), ("note", False), (None, False)):
        now = _matters(weight_column=weight_column, features=["orders"])
        assert can_score(fitted, now)
        assert can_compare(fitted, now) == is_comparable
