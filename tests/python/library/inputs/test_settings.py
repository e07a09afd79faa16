from __future__ import annotations

from typing import Any

import pytest

from mallard import MallardError
from mallard.inputs.reading import check_misplaced, read_settings
from mallard.inputs.settings import Settings


def test_settings_that_are_left_out_have_their_defaults() -> None:
    settings = read_settings({"id": "customer_id"})
    assert settings.tried == range(1, 11)
    assert settings.rule == "evidence"
    assert [settings.word(name) for name in ("annual_income", "age")] == ["annual income", "age"]
    assert (settings.features, settings.scale, settings.nulls, settings.publish) == (None, "auto", "exclude", True)


@pytest.mark.parametrize(
    ("meta", "tried", "rule"),
    [
        ({"n_clusters": 4}, range(4, 5), 4),
        ({"n_clusters": 4, "min_clusters": 2}, range(2, 5), 4),
        ({"n_clusters": 4, "min_clusters": 2, "max_clusters": 6}, range(2, 7), 4),
        ({"max_clusters": 6, "selection": "silhouette"}, range(1, 7), "silhouette"),
        ({"n_clusters": "auto", "min_clusters": 3}, range(3, 11), "evidence"),
    ],
)
def test_a_number_of_clusters_is_tried_alone_unless_others_are_asked_for(
    meta: dict[str, Any], tried: range, rule: str | int
) -> None:
    settings = read_settings(meta)
    assert (settings.tried, settings.rule) == (tried, rule)


def test_a_column_with_several_features_has_one_word() -> None:
    settings = read_settings({"feature_words": {"plan": "tariff", "v": "sound", "plan=Pro": "professionals"}})
    names = {"plan=Basic": "plan", "plan=": "plan", "plan=Pro": "plan", "v[2]": "v", "n_orders": "n_orders"}
    assert [settings.word(name, column) for name, column in names.items()] == [
        "tariff=Basic",
        "tariff=(empty)",
        "professionals",
        "sound[2]",
        "n orders",
    ]


def test_a_column_whose_name_looks_like_that_of_a_category_has_no_word_of_another() -> None:
    settings = read_settings({"feature_words": {"e": "apples"}})
    assert [settings.word(name, name) for name in ("e=f", "e[x]", "e")] == ["e=f", "e[x]", "apples"]


def test_a_python_model_that_composes_the_steps_has_the_settings_of_the_fit_only() -> None:
    assert read_settings({"n_clusters": 3, "metric": "cosine"}, composed=True) == Settings(
        n_clusters=3, metric="cosine"
    )
    for meta, remedy in (
        ({"nulls": "mean"}, "a Python model that calls fit_segments has no such setting; leave it out."),
        ({"weight_column": "n"}, "name it once, in the macro mallard.features, which hands it on."),
    ):
        with pytest.raises(MallardError) as refusal:
            read_settings(meta, composed=True)
        assert str(refusal.value).endswith(remedy)


def test_settings_that_stand_beside_meta_are_shown_their_place() -> None:
    check_misplaced(["materialized", "alias", "tags"])
    with pytest.raises(MallardError) as refusal:
        check_misplaced(["materialized", "n_clusters"])
    assert str(refusal.value).startswith("setting n_clusters is in the wrong place: settings belong in meta, such as")


def test_a_feature_may_have_a_scale_and_a_weight_of_its_own() -> None:
    settings = Settings(features={"orders": None, "revenue": {"scale": "minmax", "weight": 0.5}})
    assert settings.of_feature("revenue", "scale", "standard") == "minmax"
    assert settings.of_feature("revenue", "weight", 1) == 0.5
    assert settings.of_feature("orders", "scale", "standard") == "standard"
    assert Settings(features=["orders"]).of_feature("orders", "weight", 1) == 1


@pytest.mark.parametrize(
    "meta",
    [
        {"selection": "silhouette"},
        {"n_clusters": 1},
        {"min_clusters": 4, "max_clusters": 4},
        {"n_init": 1},
        {"random_state": 2**32 - 1},
        {"feature_words": {}},
        {"compression": "exact"},
        {"compression": "coreset"},
        {"compression": "none"},
        {"max_points": 1000},
    ],
)
def test_settings_at_their_bounds_are_accepted(meta: dict[str, Any]) -> None:
    settings = read_settings(meta)
    assert {name: getattr(settings, name) for name in meta} == meta


@pytest.mark.parametrize(
    ("meta", "message"),
    [
        ({"min_clusters": 0}, "setting min_clusters is 0: set it to a whole number of 1 or more."),
        ({"min_clusters": -3}, "setting min_clusters is -3: set it to a whole number of 1 or more."),
        (
            {"min_clusters": "2"},
            'setting min_clusters is "2": set it to a whole number of 1 or more; this is text: remove',
        ),
        ({"min_clusters": 2.0}, "setting min_clusters is 2.0: set it to a whole number of 1 or more."),
        ({"min_clusters": True}, "setting min_clusters is true: set it to a whole number of 1 or more."),
        (
            {"min_clusters": 11},
            "setting min_clusters is 11: it is above the largest number to try, 10; lower it to that or less, or raise",
        ),
        (
            {"n_clusters": 5, "min_clusters": 8},
            "setting min_clusters is 8: it is above the largest number to try, 5; lower it to that or less.",
        ),
        ({"max_clusters": 0}, "setting max_clusters is 0: set it to a whole number of 1 or more."),
        (
            {"n_clusters": 5, "max_clusters": 4},
            "setting max_clusters is 4: it is below the smallest number to try, 5; raise it to that or more.",
        ),
        ({"n_init": 0}, "setting n_init is 0: set it to a whole number from 1 to 10000."),
        ({"init": 3}, "setting init is 3: choose from k-means++, random, or name a model or seed that has the"),
        ({"n_init": "auto"}, 'setting n_init is "auto": set it to a whole number from 1 to 10000.'),
        ({"n_init": None}, "setting n_init is null: set it to a whole number from 1 to 10000."),
        ({"random_state": -1}, "setting random_state is -1: set it to a whole number from 0 to 4294967295."),
        (
            {"random_state": 2**32},
            "setting random_state is 4294967296: set it to a whole number from 0 to 4294967295.",
        ),
        ({"feature_words": ["income"]}, 'setting feature_words is ["income"]: give it as {column: word, ...}.'),
        ({"feature_words": {"a": None}}, 'setting feature_words is {"a": null}: give it as {column: word, ...}.'),
        ({"feature_words": {"a": " "}}, 'setting feature_words is {"a": " "}: give it as {column: word, ...}.'),
        ({"feature_words": {"a": ["b"]}}, 'setting feature_words is {"a": ["b"]}: give it as {column: word, ...}'),
        ({"feature_words": {"a": True}}, 'setting feature_words is {"a": true}: give it as {column: word, ...}'),
        ({"selection": "knee"}, 'setting selection is "knee": choose from evidence, elbow, silhouette.'),
        ({"selection": 5}, "setting selection is 5: choose from evidence, elbow, silhouette."),
        ({"selection": ["elbow"]}, 'setting selection is ["elbow"]: choose from evidence, elbow, silhouette.'),
        (
            {"n_clusters": "5"},
            'setting n_clusters is "5": set it to auto or to a whole number of 1 or more; this is text:',
        ),
        ({"n_clusters": 0}, "setting n_clusters is 0: set it to auto or to a whole number of 1 or more."),
        ({"n_clusters": True}, "setting n_clusters is true: set it to auto or to a whole number of 1 or more."),
        ({"n_clusters": 3.0}, "setting n_clusters is 3.0: set it to auto or to a whole number of 1 or more."),
        (
            {"n_clusters": 11, "min_clusters": 1, "max_clusters": 10},
            "setting n_clusters is 11: only 1 to 10 are tried; change min_clusters or",
        ),
        ({"compression": "zip"}, 'setting compression is "zip": choose from auto, exact, coreset, none.'),
        ({"compression": True}, "setting compression is true: choose from auto, exact, coreset, none."),
        ({"max_points": 999}, "setting max_points is 999: set it to a whole number of 1000 or more."),
        ({"max_points": 2e4}, "setting max_points is 20000.0: set it to a whole number of 1000 or more."),
        ({"n_cluster": 3}, "setting n_cluster is 3: there is no such setting; did you mean n_clusters?"),
        ({"zzz": None}, "setting zzz is null: there is no such setting; choose from id, features, scale,"),
        ({"publish_exclude": "email"}, 'setting publish_exclude is "email": give columns as a list.'),
        ({"publish": "yes"}, 'setting publish is "yes": set it to true, to false, or to a list of tables.'),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_with_its_name_value_and_remedy(
    meta: dict[str, Any], message: str
) -> None:
    with pytest.raises(MallardError) as refusal:
        read_settings(meta)
    assert str(refusal.value).startswith(message)
