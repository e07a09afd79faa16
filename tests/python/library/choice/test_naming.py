from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from mallard.choice.naming import LONGEST_NAME, Naming, name_segments
from mallard.choice.vocabulary import Trait, called
from mallard.engines.duckdb.rows import DuckDBRows
from mallard.flow import Segmentation, segment
from mallard.inputs.settings import Settings
from mallard.kmeans.assignment import Assignment
from mallard.kmeans.points import WeightedPoints


def names_of(z_scores: list[list[float]], labels: list[str], many: str = "customers") -> list[str]:
    """Names by features that are no shares."""
    scores = np.array(z_scores)
    return name_segments(scores, np.full_like(scores, np.nan), [Trait(label) for label in labels], many)


def test_the_mall_segments_are_named_after_income_and_spending() -> None:
    z_scores = [[-1.31, -1.14], [-1.33, 1.13], [-0.20, -0.03], [0.99, 1.24], [1.06, -1.28]]
    assert names_of(z_scores, ["income", "spending"]) == [
        "low income, low spending",
        "low income, high spending",
        "average customers",
        "high income, high spending",
        "high income, low spending",
    ]


@pytest.mark.parametrize(
    ("z_score", "name"),
    [
        (-3.0, "very low income"),
        (-1.5, "very low income"),
        (np.nextafter(-1.5, 0), "low income"),
        (-0.5, "low income"),
        (np.nextafter(-0.5, 0), "rather low income"),
        (-0.25, "rather low income"),
        (np.nextafter(-0.25, 0), "average products"),
        (0.0, "average products"),
        (0.25, "rather high income"),
        (0.5, "high income"),
        (1.5, "very high income"),
        (9.0, "very high income"),
    ],
)
def test_seven_levels_and_their_bounds(z_score: float, name: str) -> None:
    assert names_of([[z_score]], ["income"], "products") == [name]


def test_a_name_says_what_is_far_from_everybody_and_nothing_about_what_is_near() -> None:
    z_scores = [[0.4, 2.0, 0.1, -0.6], [0.0, -1.0, 0.0, 0.2]]
    assert names_of(z_scores, ["a", "b", "c", "d"]) == ["very high b, low d", "low b"]


def test_the_most_distinctive_come_first_and_else_the_order_of_the_features_counts() -> None:
    assert names_of([[1.0, 1.49, -0.7]], ["a", "b", "c"]) == ["high a, high b, low c"]
    assert names_of([[1.0, 1.51, -0.7]], ["a", "b", "c"]) == ["very high b, high a, low c"]
    assert names_of([[0.5, 1.0, 2.0, 4.0]], ["a", "b", "c", "d"]) == ["very high d, very high c, high b"]


def test_a_name_fits_into_a_legend() -> None:
    labels = ["average value of a basket", "number of visits last year", "income"]
    assert names_of([[1.0, 1.0, 1.0]], labels) == ["high average value of a basket"]
    assert names_of([[1.0, 1.0, 1.0]], ["x" * 200, "b", "c"]) == [f"high {'x' * 29}…, high b"]
    assert names_of([[1.0, 1.0, 1.0]], ["b" * 15, "c" * 16, "d"]) == [f"high {'b' * 15}, high {'c' * 16}"]
    assert len(f"high {'b' * 15}, high {'c' * 16}, high d") > LONGEST_NAME


@pytest.mark.parametrize(
    ("label", "words"),
    [
        ("recency days", ("long lapsed", "lapsed", "rather lapsed", "rather recent", "recent", "very recent")),
        ("days since last order", ("long lapsed", "lapsed", "rather lapsed", "rather recent", "recent", "very recent")),
        (
            "days since first order",
            ("very long-standing", "long-standing", "rather long-standing", "rather new", "new", "very new"),
        ),
        ("Tenure", ("very long-standing", "long-standing", "rather long-standing", "rather new", "new", "very new")),
        (
            "days between orders",
            ("very infrequent", "infrequent", "rather infrequent", "rather frequent", "frequent", "very frequent"),
        ),
        (
            "frequency",
            ("very frequent", "frequent", "rather frequent", "rather infrequent", "infrequent", "very infrequent"),
        ),
        (
            "orders",
            (
                "very many orders",
                "many orders",
                "rather many orders",
                "rather few orders",
                "few orders",
                "very few orders",
            ),
        ),
        (
            "number of pets",
            ("very many pets", "many pets", "rather many pets", "rather few pets", "few pets", "very few pets"),
        ),
        ("age", ("much older", "older", "slightly older", "slightly younger", "younger", "much younger")),
        (
            "average order",
            (
                "very high average order",
                "high average order",
                "rather high average order",
                "rather low average order",
                "low average order",
                "very low average order",
            ),
        ),
        (
            "{} %s",
            ("very high {} %s", "high {} %s", "rather high {} %s", "rather low {} %s", "low {} %s", "very low {} %s"),
        ),
    ],
)
def test_a_direction_reads_as_people_think(label: str, words: tuple[str, ...]) -> None:
    z_scores = [[2.0], [1.0], [0.3], [-0.3], [-1.0], [-2.0]]
    assert names_of(z_scores, [label]) == list(words)


@pytest.mark.parametrize("label", ["recency score", "first order value", "member since", "orders per visit"])
def test_a_number_that_only_sounds_like_a_usual_feature_keeps_its_label(label: str) -> None:
    assert names_of([[1.0]], [label]) == [f"high {label}"]


def test_two_features_of_a_kind_keep_their_labels() -> None:
    assert names_of([[1.0, -1.0]], ["recency days", "days since last visit"]) == [
        "high recency days, low days since last visit"
    ]


COUNTRIES = [Trait("Germany", "country"), Trait("United Kingdom", "country"), Trait("orders")]


@pytest.mark.parametrize(
    ("z_scores", "shares", "name"),
    [
        ([2.0, -2.0, 0.0], [0.6, 0.3, 5.0], "mostly Germany"),
        ([2.0, -2.0, 0.0], [0.4, 0.01, 5.0], "more often Germany"),
        ([2.0, -2.1, 0.0], [0.4, 0.01, 5.0], "not United Kingdom"),
        ([0.2, -2.0, 0.0], [0.4, 0.1, 5.0], "rarely United Kingdom"),
        ([0.2, -0.6, 1.0], [0.4, 0.7, 5.0], "many orders, less often United Kingdom"),
        ([0.3, -0.2, 0.2], [0.9, 0.1, 5.0], "slightly more often Germany"),
        ([0.1, -0.4, 0.2], [0.9, 0.0, 5.0], "slightly less often United Kingdom"),
        ([0.5, 0.0, 0.2], [0.5, 0.1, 5.0], "mostly Germany"),
        ([2.0, 0.0, 0.0], [np.nan] * 3, "more often Germany"),
        ([-2.0, 0.0, 0.0], [np.nan] * 3, "less often Germany"),
    ],
)
def test_a_category_is_named_by_its_share_and_once_for_each_column(
    z_scores: list[float], shares: list[float], name: str
) -> None:
    assert name_segments(np.array([z_scores]), np.array([shares]), COUNTRIES, "customers") == [name]


@pytest.mark.parametrize(
    ("column", "value", "name"),
    [
        ("plan", "Pro", "Pro"),
        ("plan", "A", "plan A"),
        ("newsletter", "yes", "newsletter yes"),
        ("cohort", "2024", "cohort 2024"),
        ("plan", "", "plan (empty)"),
        ("plan", "  ", "plan (empty)"),
    ],
)
def test_a_category_is_called_what_it_is_if_that_is_enough(column: str, value: str, name: str) -> None:
    assert called(column, value) == name


@pytest.mark.parametrize(
    ("label", "name"),
    [("is member", "mostly member"), ("professionals", "mostly professionals"), ("x" * 100, f"mostly {'x' * 29}…")],
)
def test_what_a_share_is_called(label: str, name: str) -> None:
    assert name_segments(np.array([[2.0]]), np.array([[0.9]]), [Trait(label, label)], "customers") == [name]


def test_segments_that_would_share_a_name_are_told_apart_by_rank_where_they_differ_most() -> None:
    z_scores = [[0.10, 0.2], [0.12, -0.1], [0.14, 0.1], [3.0, 3.0]]
    assert names_of(z_scores, ["age", "income"]) == [
        "average customers (highest income)",
        "average customers (lowest income)",
        "average customers (number 2 from the lowest income)",
        "much older, very high income",
    ]


def test_a_feature_that_is_not_in_the_name_may_tell_segments_apart() -> None:
    z_scores = [[2.0, 2.0, 2.0, -0.1], [-2.0, -2.0, -2.0, 0.0], [2.0, 2.0, 2.0, 0.1]]
    names = names_of(z_scores, ["a", "b", "c", "d"])
    assert names[0] == "very high a, very high b, very high c (lower d)"
    assert names[2] == "very high a, very high b, very high c (higher d)"


@pytest.mark.parametrize("n_features", [1, 2, 5])
@pytest.mark.parametrize("n_segments", [2, 5, 30])
def test_no_two_names_are_equal_even_of_equal_segments(n_segments: int, n_features: int) -> None:
    labels = [f"feature {i}" for i in range(n_features)]
    rng = np.random.default_rng(n_segments)
    equal = np.zeros((n_segments, n_features))
    for z_scores in (equal, *(rng.integers(-2, 3, (n_segments, n_features)).astype(float) for _ in range(50))):
        names = names_of(z_scores.tolist(), labels)
        assert len(set(names)) == n_segments
        assert all(name.split(" (")[0].count("feature") <= 3 for name in names)


def test_means_and_shares_are_those_of_the_customers() -> None:
    """Ten customers: x has mean 0 and deviation 1; the share is scaled to 2 and 6."""
    rows = np.column_stack([np.repeat([-1.0, 1.0], 5), [2, 2, 2, 2, 2, 6, 6, 6, 6, 2]])
    centroids = np.array([rows[:5].mean(axis=0), rows[5:].mean(axis=0)])
    points = WeightedPoints.from_rows(rows, np.ones(10))
    assignment = Assignment.of_labels(points, (points.coordinates[:, 0] > 0).astype(np.int32), centroids)
    naming = Naming(
        np.array([True, True]), [Trait("x"), Trait("Pro", "plan")], np.array([[-1.0, 1.0], [2.0, 6.0]]), "customers"
    )
    assert naming.names(points, centroids, assignment) == [
        "low x, not Pro",
        "high x, mostly Pro",
    ]


def test_names_stay_when_some_customers_are_left_out(in_duckdb: Callable[..., DuckDBRows]) -> None:
    """Four clear groups of 500, of which 25 at random are left out each time."""
    rng = np.random.default_rng(3)
    centres = np.array([[-1.2, -1.2, 0.2], [1.2, -1.0, 0.1], [0.0, 1.3, -1.2], [0.9, 1.2, 1.3]])
    rows = np.concatenate([rng.normal(centre, 0.25, (500, 3)) for centre in centres])
    found = set()
    for _ in range(5):
        kept = rows[rng.random(len(rows)) > 0.05]
        scaled = (kept - kept.mean(axis=0)) / kept.std(axis=0)
        segmentation: Segmentation = segment(in_duckdb(scaled), ["recency", "orders", "revenue"], Settings(n_init=2))
        found.add(tuple(segmentation.partitions[4].names or ()))
    assert found == {
        (
            "recent, few orders",
            "many orders, low revenue",
            "many orders, high revenue, lapsed",
            "lapsed, few orders",
        )
    }
