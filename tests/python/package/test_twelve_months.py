"""Twelve months of a shop whose script is known: what a person who knows it would say is what the tables say.

Each month some customers come, some go and some change kind; the others hardly change their habits. In May a new kind
appears, in August two kinds melt into one, and in November nothing happens but that prices rise by a third.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import pandas as pd
import pytest
from living_shop import STANDARD, Build, LivingShop, assert_transitions, flows
from script_of_a_shop import AUGUST, COUNTS, MAY, MELTED, N_PROFESSIONALS, NOVEMBER, Script

pytestmark = pytest.mark.slow

SETTINGS = {"id": "customer_id", "features": {"visits": STANDARD, "revenue": STANDARD}}
DATA_TESTS = """
models:
  - name: segments
    data_tests:
      - mallard.transitions_add_up
      - mallard.ids_persist: {arguments: {at_most: 0.02}}
      - mallard.is_nearest_centroid: {arguments: {id_column: customer_id}}
    columns:
      - name: segment_id
        data_tests: [mallard.segment_ids_are_current]
"""


class Month(NamedTuple):
    """The customers of a month as the script has them, by their ids, and what the build made of them."""

    script: pd.DataFrame
    build: Build


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> list[Month]:
    shop = LivingShop(tmp_path_factory.mktemp("year"), SETTINGS)
    shop.consumer.write("models/segments.yml", DATA_TESTS)
    script, months = Script(), []
    for number in range(1, 13):
        customers = script.month(number)
        table = customers.drop(columns="kind").sample(frac=1, random_state=number).reset_index()
        months.append(Month(customers, shop.build(table)))
    return months


def segments_of(year: list[Month]) -> dict[str, int]:
    """The segment of each kind in the first month with it: that of most of its customers."""
    found: dict[str, int] = {}
    for month in year:
        for kind, own in month.script.groupby("kind"):
            found.setdefault(str(kind), int(month.build.customers.segment_id[own.index].mode()[0]))
    return found


def test_segments_are_the_kinds_of_the_script_under_ids_that_stay(year: list[Month]) -> None:
    """So a campaign on one segment_id hits the same kind of people all year."""
    segments = segments_of(year)
    assert sorted(segments[kind] for kind in COUNTS) == [1, 2, 3, 4]
    assert segments["professionals"] == 5
    assert segments["savers"] == segments["bargain hunters"]
    for month in year:
        for segment, own in month.script.groupby(month.script.kind.map(segments)):
            found = month.build.customers.segment_id
            assert set(found.index[found == segment]) == set(own.index)


def test_names_stay_with_their_ids(year: list[Month]) -> None:
    names: dict[int, set[str]] = {}
    for month in year:
        for segment, own in month.build.customers.groupby("segment_id"):
            names.setdefault(segment, set()).update(own.segment_name)
    assert [len(of_one) for of_one in names.values()] == [1] * 5
    assert len(set.union(*names.values())) == 5


def test_a_version_is_fitted_in_the_months_of_the_script_alone(year: list[Month]) -> None:
    fitted = {number: month.build.about.reason for number, month in enumerate(year, 1) if month.build.about.is_fit}
    assert list(fitted) == [1, MAY, AUGUST, NOVEMBER]
    assert fitted.pop(1) == "there was no version before"
    assert all(reason.startswith("the data drifted: ") for reason in fitted.values())
    assert [month.build.about.version for month in year] == [1] * 4 + [2] * 3 + [3] * 3 + [4] * 2


def test_lineage_says_what_happened(year: list[Month]) -> None:
    segments = segments_of(year)

    def fates(number: int) -> set[tuple[int | None, str, int | None]]:
        rows = year[number - 1].build.lineage[["segment_id", "fate", "new_segment_id"]].astype(object)
        return set(rows.where(rows.notna(), None).itertuples(index=False, name=None))

    def survived(*kinds: str) -> set[tuple[int | None, str, int | None]]:
        return {(segments[kind], "survived", segments[kind]) for kind in kinds}

    assert fates(1) == set()
    assert fates(MAY) == survived(*COUNTS) | {(None, "emerged", segments["professionals"])}
    merged = {(segments[kind], "merged", segments["savers"]) for kind in MELTED}
    assert fates(AUGUST) == survived("regulars", "big spenders", "professionals") | merged
    assert fates(NOVEMBER) == survived("regulars", "big spenders", "professionals", "savers")


def test_customers_know_whether_they_are_new_and_since_when_they_are_where_they_are(year: list[Month]) -> None:
    first = year[0].build.customers
    assert first.is_new.all()
    assert first.previous_segment_id.isna().all()
    since = first.segment_changed_at
    assert (since == year[0].build.about.built_at).all()
    for before, month in pairwise(year):
        found = month.build.customers
        assert (found.is_new == ~found.index.isin(before.script.index)).all()
        previous = before.build.customers.segment_id.reindex(found.index)
        assert found.previous_segment_id.astype("Int64").equals(previous.astype("Int64"))
        since = since.reindex(found.index).where(found.segment_id == previous, month.build.about.built_at)
        assert (found.segment_changed_at == since).all()


def test_transitions_are_those_that_pandas_finds(year: list[Month]) -> None:
    assert year[0].build.transitions.empty
    for before, month in pairwise(year):
        was, now = before.build.customers, month.build.customers
        between = before.build.by_its_version(now)
        assert_transitions(month.build.transitions, "behaviour", flows(was, now, was.segment_id, between))
        is_fit = month.build.about.is_fit
        assert set(month.build.transitions["part"]) == ({"behaviour", "redefinition"} if is_fit else {"behaviour"})
        if is_fit:
            assert_transitions(month.build.transitions, "redefinition", flows(now, now, between, now.segment_id))


def moved(month: Month, part: str) -> dict[tuple[int, int], int]:
    """How many customers moved from one segment to another."""
    rows = month.build.transitions
    rows = rows[(rows["part"] == part) & (rows["kind"] == "moved")]
    return {(row.from_segment_id, row.to_segment_id): row.n_customers for row in rows.itertuples()}


def scripted(before: Month, month: Month, segments: dict[str, int]) -> dict[tuple[int, int], int]:
    """How many customers changed kind, by the segments of the kinds."""
    both = before.script.index.intersection(month.script.index)
    pairs = pd.DataFrame({"old": before.script.kind[both].map(segments), "new": month.script.kind[both].map(segments)})
    return pairs[pairs.old != pairs.new].value_counts().to_dict()


def test_behaviour_is_what_the_script_says_that_customers_did(year: list[Month]) -> None:
    segments = segments_of(year)
    for number, (before, month) in enumerate(pairwise(year), 2):
        if number not in (AUGUST, NOVEMBER):  # in which habits and prices change, and people stay what they are
            assert moved(month, "behaviour") == scripted(before, month, segments)


def test_redefinition_is_what_the_script_says_that_versions_did(year: list[Month]) -> None:
    segments = segments_of(year)
    may, august, november = (moved(year[number - 1], "redefinition") for number in (MAY, AUGUST, NOVEMBER))
    assert sum(may.values()) == N_PROFESSIONALS
    assert {to for _, to in may} == {segments["professionals"]}
    assert set(august) == {(segments["once a year"], segments["savers"])}
    before, month = year[NOVEMBER - 2], year[NOVEMBER - 1]
    by_price = pd.Series(moved(month, "behaviour")).sub(pd.Series(scripted(before, month, segments)), fill_value=0)
    assert {(to, was): n for (was, to), n in by_price.items() if n} == november
