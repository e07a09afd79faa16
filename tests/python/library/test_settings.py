from __future__ import annotations

from typing import Any

import pytest

from mallard import MallardError
from mallard.settings import Settings

GOOD: dict[str, Any] = {
    "features": ["annual_income", "spending_score"],
    "feature_words": {"annual_income": "income"},
    "scaling": "standard",
    "min_clusters": 1,
    "max_clusters": 10,
    "selection": "elbow",
    "n_init": 10,
    "random_state": 0,
    "compression": "auto",
    "max_points": 20_000,
}


def test_settings_are_read_from_the_meta_of_a_model() -> None:
    settings = Settings.from_meta(GOOD)
    assert settings.features == ("annual_income", "spending_score")
    assert settings.n_clusters == range(1, 11)
    assert settings.words() == ["income", "spending score"]


@pytest.mark.parametrize(
    "changed",
    [
        {"selection": "silhouette"},
        {"selection": 1},
        {"selection": 10},
        {"min_clusters": 4, "max_clusters": 4, "selection": 4},
        {"n_init": 1},
        {"random_state": 2**32 - 1},
        {"feature_words": {}},
        {"compression": "exact"},
        {"compression": "coreset"},
        {"compression": "none"},
        {"max_points": 1000},
    ],
)
def test_settings_at_their_bounds_are_accepted(changed: dict[str, Any]) -> None:
    settings = Settings.from_meta(GOOD | changed)
    assert {name: getattr(settings, name) for name in changed} == changed


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"min_clusters": 0}, "setting mallard_min_clusters is 0: set it to a whole number of 1 or more."),
        ({"min_clusters": -3}, "setting mallard_min_clusters is -3: set it to a whole number of 1 or more."),
        ({"min_clusters": "2"}, "setting mallard_min_clusters is '2': set it to a whole number of 1 or more."),
        ({"min_clusters": 2.0}, "setting mallard_min_clusters is 2.0: set it to a whole number of 1 or more."),
        ({"min_clusters": True}, "setting mallard_min_clusters is True: set it to a whole number of 1 or more."),
        (
            {"min_clusters": 11},
            "setting mallard_min_clusters is 11: it is above max_clusters, 10; make it that or less.",
        ),
        ({"max_clusters": 0}, "setting mallard_max_clusters is 0: set it to a whole number of 1 or more."),
        ({"max_clusters": None}, "setting mallard_max_clusters is None: set it to a whole number of 1 or more."),
        ({"n_init": 0}, "setting mallard_n_init is 0: set it to a whole number of 1 or more."),
        ({"n_init": "auto"}, "setting mallard_n_init is 'auto': set it to a whole number of 1 or more."),
        ({"random_state": -1}, "setting mallard_random_state is -1: set it to a whole number from 0 to 4294967295."),
        (
            {"random_state": 2**32},
            "setting mallard_random_state is 4294967296: set it to a whole number from 0 to 4294967295.",
        ),
        (
            {"random_state": None},
            "setting mallard_random_state is None: set it to a whole number from 0 to 4294967295.",
        ),
        (
            {"feature_words": ["income"]},
            "setting mallard_feature_words is ['income']: give it as {column: word, ...}.",
        ),
        (
            {"selection": "knee"},
            "setting mallard_selection is 'knee': choose from elbow, silhouette, "
            "or a number from min_clusters to max_clusters (1 to 10).",
        ),
        (
            {"selection": 11},
            "setting mallard_selection is 11: choose from elbow, silhouette, "
            "or a number from min_clusters to max_clusters (1 to 10).",
        ),
        (
            {"compression": "zip"},
            "setting mallard_compression is 'zip': choose from auto, exact, coreset, none.",
        ),
        ({"compression": None}, "setting mallard_compression is None: choose from auto, exact, coreset, none."),
        ({"compression": True}, "setting mallard_compression is True: choose from auto, exact, coreset, none."),
        (
            {"compression": ["exact"]},
            "setting mallard_compression is ['exact']: choose from auto, exact, coreset, none.",
        ),
        ({"max_points": 999}, "setting mallard_max_points is 999: set it to a whole number of 1000 or more."),
        ({"max_points": 2e4}, "setting mallard_max_points is 20000.0: set it to a whole number of 1000 or more."),
        ({"max_points": "20000"}, "setting mallard_max_points is '20000': set it to a whole number of 1000 or more."),
        ({"max_points": True}, "setting mallard_max_points is True: set it to a whole number of 1000 or more."),
        ({"max_points": None}, "setting mallard_max_points is None: set it to a whole number of 1000 or more."),
        ({"selection": 2, "min_clusters": 3}, "setting mallard_selection is 2: choose from"),
        ({"selection": 3.0}, "setting mallard_selection is 3.0: choose from"),
        ({"selection": "all", "max_clusters": 10**12}, "setting mallard_selection is 'all': choose from"),
        ({"selection": "5"}, "setting mallard_selection is '5': choose from"),
        ({"selection": True}, "setting mallard_selection is True: choose from"),
        ({"selection": None}, "setting mallard_selection is None: choose from"),
        ({"selection": ["elbow"]}, "setting mallard_selection is ['elbow']: choose from"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_with_its_name_value_and_remedy(
    changed: dict[str, Any], message: str
) -> None:
    with pytest.raises(MallardError) as refusal:
        Settings.from_meta(GOOD | changed)
    assert str(refusal.value).startswith(message)
