from __future__ import annotations

from mallard.lifecycle.names import names_beside


def test_names_stay_with_their_ids_whatever_the_rule_says_now() -> None:
    assert names_beside(["few orders", "lapsed", None], ["many orders", "recent", "lapsed"], [2, 1, 3]) == [
        "few orders",
        "lapsed",
        "lapsed (3)",
    ]


def test_a_new_segment_has_the_name_of_the_rule() -> None:
    assert names_beside(["few orders", None], ["few orders", "many orders"], [1, 7]) == ["few orders", "many orders"]


def test_without_named_features_a_new_segment_has_no_name_yet() -> None:
    assert names_beside(["like 4", None], [None, None], [1, 2]) == ["like 4", None]


def test_capitals_do_not_tell_names_apart() -> None:
    assert names_beside(["VIP", None], ["high revenue", "vip"], [1, 2]) == ["VIP", "vip (2)"]
