"""Segments that rules give, from build to build: the rules belong to the version."""

from __future__ import annotations

from typing import Any

import pytest
from consumer import Consumer, make_consumer

CUSTOMERS = """
select
    i as id,
    50 + 30 * sin(i // 40 * 2.1) + 20 * sin(i * 1.7) + {shift} as income,
    50 + 30 * cos(i // 40 * 2.1) + 20 * cos(i * 2.3) as score
from range({start}, {stop}) as t(i)
"""
SETTINGS: dict[str, Any] = {"id": "id", "n_clusters": 5}
CASE = "select rule, segment_id, rule_sql from {}__rules where version = {} order by rule"


def _select(start: int = 0, stop: int = 200, shift: float = 0) -> str:
    return CUSTOMERS.format(start=start, stop=stop, shift=shift)


def _build(shop: Consumer, name: str, *arguments: str) -> None:
    result = shop.dbt("run", "--select", name, *arguments)
    assert result.returncode == 0, result.stdout


def _version(shop: Consumer, name: str) -> tuple[int, str]:
    [found] = shop.query(f"select version, reason from {name}__versions where is_current")
    return found[0], found[1]


def _disagreeing(shop: Consumer, name: str, version: int) -> int:
    """How many customers have another segment than the rules of a version give."""
    whens = " ".join(f"when {sql} then {segment}" for _, segment, sql in shop.query(CASE.format(name, version)))
    [(n,)] = shop.query(f"select count(*) from {name} where segment_id is distinct from case {whens} end")
    return int(n)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """The same segmentation under the names that the tests give it."""
    consumer = make_consumer(tmp_path_factory.mktemp("over_time"))
    for name in ("later", "changed", "fitted"):
        consumer.write_segmentation(name, _select(), assignment="rules", **SETTINGS)
    consumer.write("models/raw.sql", _select())
    assert consumer.dbt("run").returncode == 0
    return consumer


def test_later_builds_score_by_the_rules_of_the_version(shop: Consumer) -> None:
    """Nothing drifts where nothing changes; other customers get what the stored rules say, and drift counts them so."""
    rules = shop.query(CASE.format("later", 1))
    segments = shop.query("select id, segment_id, distance_to_centroid from later order by id")
    _build(shop, "later")
    assert shop.query("select id, segment_id, distance_to_centroid from later order by id") == segments
    assert shop.query("select distinct size from later__drift where measure in ('shares', 'psi', 'share')") == [(0.0,)]
    shop.write_segmentation("later", _select(20, 230, 1.5), assignment="rules", refit="never", **SETTINGS)
    _build(shop, "later")
    assert _version(shop, "later")[0] == 1
    assert shop.query(CASE.format("later", 1)) == rules
    assert _disagreeing(shop, "later", 1) == 0
    shares = shop.query(
        "select segment_id, round(value, 12) from later__drift where build = 3 and measure = 'share' "
        "and against = 'fit'"
    )
    counted = "select segment_id, round(count(*) / 210, 12) from later group by segment_id"
    assert sorted(shares) == sorted(shop.query(counted))
    distances = (
        "select segment_id, round(value, 9) from later__drift where build = 3 and measure = 'mean distance' "
        "and against = 'fit'"
    )
    counted = "select segment_id, round(sqrt(avg(distance_to_centroid ** 2)), 9) from later group by segment_id"
    assert sorted(shop.query(distances)) == sorted(shop.query(counted))
    moved = "select sum(n_customers)::int from later__transitions where build = 3 and kind in ('moved', 'stayed')"
    assert shop.query(moved) == [(180,)]


def test_another_assignment_is_another_version(shop: Consumer) -> None:
    """The segments keep their ids; what the change does to customers is a redefinition; earlier rules stay known."""
    by_rules = dict(shop.query("select id, segment_id from changed"))
    shop.write_segmentation("changed", _select(), refit="never", **SETTINGS)
    assert shop.dbt("run", "--select", "changed").returncode == 1
    assert (
        'setting refit is never, but assignment was "rules" at the fit and is "nearest": set it to'
        in (shop.messages()["changed"][1])
    )
    shop.write_segmentation("changed", _select(), **SETTINGS)
    _build(shop, "changed")
    assert _version(shop, "changed") == (2, 'setting assignment was "rules" and is "nearest"')
    nearest = dict(shop.query("select id, segment_id from changed"))
    n_moved = sum(by_rules[id] != nearest[id] for id in nearest)
    assert n_moved > 0
    flows = "select kind, sum(n_customers)::int from changed__transitions where part = 'redefinition' group by kind"
    assert dict(shop.query(flows)) == {"moved": n_moved, "stayed": 200 - n_moved}
    assert shop.query("select distinct fate, keeps_id from changed__lineage where jaccard_now > 0.5") == [
        ("survived", True)
    ]
    assert shop.query("select table_name from duckdb_tables() where table_name = 'changed__rules'") == []
    shop.write(
        "models/again.sql", "{{ config(materialized='table') }} {{ mallard.score(ref('raw'), ref('changed'), 1) }}"
    )
    assert shop.dbt("run", "--select", "raw", "again").returncode == 0
    assert dict(shop.query("select id, segment_id from again")) == by_rules


def test_a_new_fit_finds_rules_for_the_segments_that_it_keeps(shop: Consumer) -> None:
    """Also if the rules are gone, or may be more. They are numbered by the ids, which others had before."""
    shop.write_segmentation("fitted", _select(40, 240, 1), assignment="rules", **SETTINGS)
    _build(shop, "fitted", "--full-refresh")
    assert _version(shop, "fitted") == (2, "--full-refresh asks for it")
    assert _disagreeing(shop, "fitted", 2) == 0
    rules = shop.query(CASE.format("fitted", 2))
    assert [rule for rule, _, _ in rules] == list(range(1, len(rules) + 1))
    assert [segment for _, segment, _ in rules] == sorted(segment for _, segment, _ in rules)
    counted = "select previous_segment_id, segment_id, count(*) from fitted where not is_new group by all"
    both = {(old, new): n for old, new, n in shop.query(counted)}
    lineage = shop.query("select segment_id, new_segment_id, n_shared from fitted__lineage where version = 2")
    assert len(lineage) >= 5
    assert all(both[old, new] == n_shared for old, new, n_shared in lineage)
    shop.execute("drop table fitted__rules")
    _build(shop, "fitted")
    assert _version(shop, "fitted") == (3, "the table fitted__rules is gone")
    assert _disagreeing(shop, "fitted", 3) == 0
    more = {"assignment": "rules", "rules": {"max_leaves": 30}}
    shop.write_segmentation("fitted", _select(40, 240, 1), **more, **SETTINGS)
    _build(shop, "fitted")
    assert _version(shop, "fitted") == (4, 'setting rules was true and is {"max_leaves": 30}')
    assert _disagreeing(shop, "fitted", 4) == 0
    assert len(shop.query(CASE.format("fitted", 4))) > len(rules)


def test_names_are_of_the_published_customers(shop: Consumer) -> None:
    """Each name says of the means of the published customers what is high and what is low."""
    z_scores: dict[str, dict[str, float]] = {}
    for name, label, z_score in shop.query("select segment_name, label, z_score from later__profiles"):
        z_scores.setdefault(name, {})[label] = z_score
    assert len(z_scores) == 5
    for name, of_segment in z_scores.items():
        for label, z_score in of_segment.items():
            assert (f"high {label}" in name) <= (z_score > 0)
            assert (f"low {label}" in name) <= (z_score < 0)
