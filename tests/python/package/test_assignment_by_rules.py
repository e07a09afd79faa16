"""Segments that rules give, compared with the rules as they are pasted, and with what pandas and numpy count."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from consumer import Consumer, make_consumer
from customers_with_gaps import CUSTOMERS, SHARED

from mallard import KMeans
from mallard.errors import MallardError
from mallard.export.export import export_segmentation

BY_RULES: dict[str, Any] = {**SHARED, "assignment": "rules"}
LEFT_OUT = {"contamination": 0.05, "main_reason": True, "value_column": "w", "profile_columns": []}
FILLED = {"rules": {"max_leaves": 20}, "nulls": "mean", "weight_column": "w"}
UNKNOWN = f"""
{CUSTOMERS.replace("range(400)", "range(300, 700)")}
union all
select -1, 50, 1e150, 'Köln', true, 1.25, 1
union all
select -2, null, 3.0, 'Rome', false, 4.25, 1
union all
select -3, 20, -2.0, 'Köln', true, 2.25, 1
union all
select -4, 20, 'infinity'::double, 'Rome', false, 2.25, 1
union all
select -5, 20, -0.5, 'Rome', null, 2.25, 1
union all
select -6, 20, -0.5, 'Rome', true, 2.25, 1
"""
"""Customers who weren't at the fit: some lack a value, or have one that its scale refuses, or live in a new city."""
SCORED = """
select
    scored.*,
    {{{{ mallard.rules_case(ref('{name}')) }}}} as by_rule
from ({{{{ mallard.score(ref('unknown'), ref('{name}')) }}}}) as scored
"""
GROUPED = CUSTOMERS.replace("i as id,", "i as id, ['a', 'b'][1 + i // 200] as region,")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """Two segmentations by rules, the first of which leaves out who lacks a value, and one by the nearest centroid."""
    consumer = make_consumer(tmp_path_factory.mktemp("by_rules"))
    with (consumer.path / "dbt_project.yml").open("a") as project:
        project.write("vars: {mallard_publish: {dev: published/shop.duckdb}}\n")
    consumer.write_segmentation("left_out", CUSTOMERS, **BY_RULES, **LEFT_OUT)
    consumer.write_segmentation("filled", CUSTOMERS, **BY_RULES, **FILLED)
    consumer.write_segmentation("hiding", CUSTOMERS, **BY_RULES, suppress_below=10)
    consumer.write_segmentation("nearest", CUSTOMERS, rules=True, **SHARED)
    consumer.write_segmentation("grouped", GROUPED, group_by="region", **{**BY_RULES, "n_clusters": 3})
    consumer.write("models/unknown.sql", "{{ config(materialized='table') }}" + UNKNOWN)
    for name in ("left_out", "filled"):
        consumer.write(f"models/scored_{name}.sql", SCORED.format(name=name))
    result = consumer.dbt("build")
    assert result.returncode == 0, result.stdout
    return consumer


def _case(shop: Consumer, name: str) -> str:
    """The rules as one expression, in the words of the table."""
    rules = shop.query(f"select rule_sql, segment_id from {name}__rules order by rule")
    return f"case {' '.join(f'when {sql} then {segment}' for sql, segment in rules)} end"


@pytest.mark.parametrize(("name", "n_known"), [("left_out", 297), ("filled", 400)])
def test_the_rules_give_the_segments(shop: Consumer, name: str, n_known: int) -> None:
    found = shop.query(f"select segment_id, {_case(shop, name)} from {name} where assignment_status <> 'excluded'")
    assert len(found) == n_known
    assert all(given == by_rule for given, by_rule in found)
    known = f"select count(*), count(segment_id), count(distance_to_centroid), count(confidence) from {name}"
    assert shop.query(known) == [(400, n_known, n_known, n_known)]


@pytest.mark.parametrize("name", ["left_out", "filled"])
def test_others_are_scored_as_the_pasted_case_says(shop: Consumer, name: str) -> None:
    found = shop.query(f"select id, segment_id, by_rule from scored_{name}")
    assert len(found) == 406
    assert [row for row in found if row[1] != row[2]] == []
    segments = {id: segment for id, segment, _ in found}
    assert segments[-6] is not None
    assert {segments[id] is None for id in (-1, -2, -3, -4, -5)} == {name == "left_out"}


def test_distances_are_those_to_the_given_centroid(shop: Consumer) -> None:
    """With numpy, from the scaled customers: the second is the nearest of the others."""
    names = [row[0] for row in shop.query("select distinct scaled_expression from left_out__centroids order by 1")]
    columns = "segment_id, distance_to_centroid, second_segment_id, distance_to_second_centroid, confidence"
    found = np.array(
        shop.query(f"select {columns}, {', '.join(names)} from left_out where segment_id is not null"), dtype=float
    )
    centroids = np.array(
        shop.query(
            "select list(scaled_centroid order by scaled_expression) from left_out__centroids group by segment_id "
            "order by segment_id"
        )
    )[:, 0].tolist()
    distances = np.sqrt(((found[:, None, 5:] - np.array(centroids)[None]) ** 2).sum(axis=2))
    own = found[:, 0].astype(int) - 1
    rows = np.arange(len(found))
    given = distances[rows, own]
    distances[rows, own] = np.inf
    second = distances.min(axis=1)
    assert found[:, 1] == pytest.approx(given)
    assert found[:, 2].astype(int).tolist() == (distances.argmin(axis=1) + 1).tolist()
    assert found[:, 3] == pytest.approx(second)
    assert found[:, 4] == pytest.approx((second - given) / np.maximum(second, given))
    nearest = dict(shop.query("select id, segment_id from nearest"))
    below_0 = [id for (id,) in shop.query("select id from left_out where confidence < 0")]
    elsewhere = [id for id, segment in shop.query("select id, segment_id from left_out") if segment != nearest[id]]
    assert sorted(below_0) == sorted(elsewhere)
    assert len(below_0) > 10


@pytest.mark.parametrize(("name", "weight"), [("left_out", "1.0::double"), ("filled", "w::double")])
def test_profiles_are_of_the_published_customers(shop: Consumer, name: str, weight: str) -> None:
    of_pandas = pd.DataFrame(
        shop.query(f"select segment_id, income, {weight} from {name} where segment_id is not null"),
        columns=["segment", "income", "weight"],
    ).astype(float)
    total = of_pandas.weight.sum()
    found = shop.query(f"select segment_id, n_customers, share, mean from {name}__profiles where feature = 'income'")
    assert len(found) == 6
    for segment, n_customers, share, mean in found:
        own = of_pandas[of_pandas.segment == segment]
        known = own[own.income.notna()]
        assert n_customers == len(own)
        assert share == pytest.approx(own.weight.sum() / total)
        assert mean == pytest.approx((known.income * known.weight).sum() / known.weight.sum())


def test_what_rules_say_of_themselves(shop: Consumer) -> None:
    """They catch whom they give a segment, and cost what those for the nearest centroids would."""
    columns = "rule, segment_id, rule_sql, price_of_explanation"
    assert shop.query(f"select {columns} from left_out__rules") == shop.query(f"select {columns} from nearest__rules")
    figures = "n_customers = n_of_segment, precision, agreement, gives_segments"
    assert shop.query(f"select distinct {figures} from left_out__rules") == [(True, 1.0, 1.0, True)]
    sizes = shop.query(
        "select segment_id, sum(n_customers)::int, round(sum(coverage), 12) from left_out__rules group by 1"
    )
    counted = shop.query("select segment_id, count(*), 1.0 from left_out where segment_id is not null group by 1")
    assert sorted(sizes) == sorted(counted)
    assert shop.query("select distinct agreement < 1, gives_segments from nearest__rules") == [(True, False)]


def test_counts_that_give_away_few_customers_are_hidden(shop: Consumer) -> None:
    """Of a rule that catches fewer than 10, and of the other rule for its segment, because the segment has a size."""
    few = shop.query("select distinct segment_id from left_out__rules where n_customers < 10 order by 1")
    hidden = shop.query("select distinct segment_id from hiding__rules where n_customers is null order by 1")
    assert hidden == few == [(2,), (3,), (4,), (5,)]
    mixed = "select segment_id from hiding__rules group by 1 having count(n_customers) between 1 and count(*) - 1"
    assert shop.query(mixed) == []


def test_metrics_compare_the_nearest_centroids(shop: Consumer) -> None:
    """As the choice of the number does, whatever gives the segments."""
    columns = "n_clusters, inertia, silhouette, smallest_segment"
    assert shop.query(f"select {columns} from left_out__metrics") == shop.query(
        f"select {columns} from nearest__metrics"
    )


def test_what_separates_the_published_segments(shop: Consumer) -> None:
    """With numpy: the variance between the means of the published customers, by feature."""
    features = shop.query("select distinct feature, scaled_expression from filled__centroids order by 1")
    expressions = ", ".join(sql for _, sql in features)
    rows = np.array(shop.query(f"select segment_id, w, {expressions} from filled"), dtype=float)
    labels, weights, points = rows[:, 0], rows[:, 1], rows[:, 2:]
    mean = np.average(points, axis=0, weights=weights)
    between = np.zeros(points.shape[1])
    for label in np.unique(labels):
        of = labels == label
        between += weights[of].sum() * (np.average(points[of], axis=0, weights=weights[of]) - mean) ** 2
    found = dict(shop.query("select feature, share_between from filled__features"))
    assert [found[feature] for feature, _ in features] == pytest.approx(between / between.sum())


def test_reasons_and_anomalies(shop: Consumer) -> None:
    """The reason is the rule. Anomalies are far from every centroid; the radii are of the published segments."""
    reasons = shop.query(
        f"select distinct main_reason, segment_id, {_case(shop, 'left_out')} from left_out where segment_id is not null"
    )
    texts = shop.query("select rule_text, segment_id, segment_id from left_out__rules")
    assert sorted(reasons) == sorted(texts)
    radii = "sqrt(avg(distance_to_centroid ** 2))"
    own = shop.query(
        f"select min(distance_to_centroid / radius >= normalized_distance - 1e-12) from left_out inner join (select "
        f"segment_id, {radii} as radius from left_out group by 1) using (segment_id)"
    )
    assert own == [(True,)]
    assert shop.query("select count(*) filter (is_anomaly) from left_out") == [(14,)]


def test_each_group_has_its_rules(shop: Consumer) -> None:
    for group in ("a", "b"):
        rules = shop.query(f"select rule_sql, segment_id from grouped__rules where \"group\" = '{group}' order by rule")
        case = f"case {' '.join(f'when {sql} then {segment}' for sql, segment in rules)} end"
        found = shop.query(
            f"select segment_id, {case} from grouped where \"group\" = '{group}' and segment_id is not null"
        )
        assert len(found) > 100
        assert all(given == by_rule for given, by_rule in found)


def test_python_predicts_the_same(shop: Consumer) -> None:
    known = shop.query("select id, segment_id from scored_left_out order by id")
    columns = ["income", "orders", "city", "is_member", 'odd "n']
    rows = shop.query('select income, orders, city, is_member, "odd ""n"::double from unknown order by id')
    data = {name: [row[place] for row in rows] for place, name in enumerate(columns)}
    model = KMeans.from_database(shop.database, "left_out")
    labels = model.predict(data)
    assert [None if label < 0 else model.segment_ids_[label] for label in labels] == [segment for _, segment in known]
    distances = shop.query("select sum(distance_to_centroid ** 2) from scored_left_out")
    assert -model.score(data) == pytest.approx(distances[0][0])


def test_the_published_file_answers_the_same(shop: Consumer) -> None:
    with duckdb.connect(shop.path / "published" / "shop.duckdb", read_only=True) as connection:
        given = 'left_out__segment(income, orders, city, is_member, "odd ""n")'
        differing = f"select count(*), count(*) filter ({given} is distinct from segment_id) from left_out"
        assert connection.execute(differing).fetchall() == [(400, 0)]


def test_exports(shop: Consumer, tmp_path: Path) -> None:
    export_segmentation(shop.database, "left_out", "sql", tmp_path / "of.sql", relation="unknown")
    columns = "id, segment_id, second_segment_id, round(confidence, 9)"
    exported = shop.query(f"select {columns} from ({(tmp_path / 'of.sql').read_text()}) order by id")
    assert exported == shop.query(f"select {columns} from scored_left_out order by id")
    export_segmentation(shop.database, "left_out", "sql", tmp_path / "of.sql", "snowflake", "unknown")
    assert '"INCOME" < 42' in (tmp_path / "of.sql").read_text()
    export_segmentation(shop.database, "left_out", "json", tmp_path / "of.json")
    assert '"rules"' in (tmp_path / "of.json").read_text()
    for format, ending in {"onnx": ".onnx", "keras": ".keras", "saved_model": ""}.items():
        with pytest.raises(MallardError, match=f"setting assignment of left_out is rules, and {format} has only cent"):
            export_segmentation(shop.database, "left_out", format, tmp_path / f"of{ending}")


@pytest.mark.parametrize("group", ["a", "b"])
def test_exports_of_a_group(shop: Consumer, tmp_path: Path, group: str) -> None:
    file, database = tmp_path / "of.sql", shop.database
    export_segmentation(database, "grouped", "sql", file, relation="grouped", group=group)
    columns = "id, segment_id, segment_name, second_segment_id, round(confidence, 9)"
    of_group = f"id in (select id from grouped where \"group\" = '{group}') order by id"
    exported = shop.query(f"select {columns} from ({file.read_text()}) where {of_group}")
    assert exported == shop.query(f"select {columns} from grouped where {of_group}")
    export_segmentation(database, "grouped", "json", tmp_path / "of.json", group=group)
    card = json.loads((tmp_path / "of.json").read_text())
    [(n_rules,)] = shop.query(f"select count(*) from grouped__rules where \"group\" = '{group}'")
    assert (card["segmentation"], len(card["rules"])) == (f"grouped ({group})", n_rules)
    with pytest.raises(MallardError, match=rf"setting assignment of grouped \({group}\) is rules, and keras has only"):
        export_segmentation(database, "grouped", "keras", tmp_path / "of.keras", group=group)
    model = KMeans.from_database(database, "grouped", group)
    with duckdb.connect(database, read_only=True) as connection:
        rows = connection.sql(f"from grouped where {of_group}").to_arrow_table()
    labels = model.predict(rows)
    assert [None if label < 0 else model.segment_ids_[label] for label in labels] == [row[1] for row in exported]


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("{{ mallard.explain(ref('left_out')) }}", "mallard.explain is about the nearest centroid"),
        ("{{ mallard.memberships(ref('left_out')) }}", "mallard.memberships is about the nearest centroid"),
        ("{{ mallard.moved_customers(ref('nearest'), ref('left_out'), 'id') }}", "mallard.moved_customers is about"),
    ],
)
def test_what_is_about_centroids_is_refused(shop: Consumer, sql: str, said: str) -> None:
    result = shop.dbt("compile", "--inline", sql)
    assert result.returncode != 0
    assert 'setting assignment of left_out is "rules": ' in result.stdout
    assert said in result.stdout


def test_what_is_about_customers_works(shop: Consumer) -> None:
    """Lookalikes aren't in the segment; representatives are; comparisons count whom the rules moved."""
    for sql in (
        "select count(*) as n from ({{ mallard.lookalikes(ref('left_out'), 2, 20) }}) where segment_id = 2",
        "select count(*) - 6 as n from ({{ mallard.representatives(ref('left_out'), 1) }})",
        "select n_moved - (select count(*) from {{ ref('left_out') }} where confidence < 0) as n from "
        "({{ mallard.compare_segmentations(ref('nearest'), ref('left_out'), 'id') }})",
    ):
        result = shop.dbt("show", "--inline", sql, "--output", "json")
        assert '"n": 0' in result.stdout, result.stdout


def test_tests_of_rules(shop: Consumer) -> None:
    shop.write(
        "models/tests.yml",
        "models:\n  - name: left_out\n    data_tests:\n      - mallard.rules_agree: {arguments: {minimum: 1}}\n"
        "      - mallard.is_nearest_centroid: {arguments: {id_column: id}}\n",
    )
    tested = shop.dbt("test", "--select", "left_out").stdout
    (shop.path / "models/tests.yml").unlink()
    assert "PASS mallard_rules_agree_left_out" in tested
    assert "the test is_nearest_centroid is about the nearest centroid, which does not give the segments" in tested


@pytest.mark.parametrize(
    ("columns", "settings", "said"),
    [
        ("[i, i % 3] as v, i % 7 as x", {}, 'setting assignment is "rules": feature v is a vector'),
        ("i % 5 as y, i % 7 as x", {"metric": "cosine"}, 'setting assignment is "rules": with metric cosine'),
        ("i % 5 as y", {"rules": False}, "setting rules is false: assignment is rules, which needs them"),
        ("i % 5 as y", {"min_share": 0.1}, "setting min_share is 0.1: assignment is rules"),
        ("i % 5 as y", {"max_distance": 3}, "setting max_distance is 3: assignment is rules, and rules don't know"),
        ("i % 5 as y", {"publish": ["customers", "centroids"]}, "add rules, because they give the segments"),
        ("i % 5 as y", {"assignment": "tree"}, 'setting assignment is "tree": choose from nearest, rules'),
    ],
)
def test_refusals(tmp_path: Path, columns: str, settings: dict[str, Any], said: str) -> None:
    consumer = make_consumer(tmp_path)
    meta = {"id": "id", "assignment": "rules", **settings}
    consumer.write_segmentation("refused", f"select i as id, {columns} from range(50) as t(i)", **meta)
    assert consumer.dbt("build").returncode == 1
    _, message = consumer.messages()["refused"]
    assert said in message
