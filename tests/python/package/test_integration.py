"""What the project in integration_tests builds with the package installed, against numpy and scikit-learn."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from consumer import TABLES_BESIDE, Consumer
from sample import ROOT
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from mallard.publish.place import find_place
from mallard.publish.publish import Table, publish
from mallard.report.reading import read_report_data

SIDES = ("", *(f"__{name}" for name in TABLES_BESIDE))
GROUPS = {"Basic": range(1, 21), "Plus": range(21, 41), "Pro": range(41, 61)}
INCOMPLETE = {"c-005": "revenue is missing", "c-026": "revenue is missing", "c-045": "revenue is missing"} | {
    "c-051": "plan is missing; orders is missing"
}


def _songs_as_given() -> np.ndarray:
    return np.loadtxt(ROOT / "integration_tests/seeds/songs.csv", delimiter=",", skiprows=1)[:, 1:]


def _songs() -> np.ndarray:
    return _songs_as_given().astype(np.float32)


def _shop() -> dict[str, dict[str, str]]:
    with (ROOT / "integration_tests/seeds/shop_customers.csv").open() as file:
        return {row["customer_id"]: row for row in csv.DictReader(file)}


def _standardised(values: np.ndarray) -> np.ndarray:
    return (values - np.nanmean(values, axis=0)) / np.nanstd(values, axis=0)


def test_nothing_of_the_mall_is_in_a_project_that_installs_the_package(integrated: Consumer) -> None:
    listed = integrated.dbt("ls", "--quiet").stdout.split()
    assert len(listed) > 10
    assert all(name.removeprefix("unit_test:").startswith("mallard_integration_tests.") for name in listed)
    assert integrated.query("select table_name from duckdb_tables() where contains(table_name, 'mall_')") == []


def test_every_row_comes_out_with_its_columns_and_a_segment_or_a_reason(integrated: Consumer) -> None:
    rows = integrated.query("select customer_id, segment_id, assignment_status, status_reason from shop_segments")
    assert {customer for customer, *_ in rows} == _shop().keys()
    assert len(rows) == 60
    for customer, segment, *status in rows:
        assert (segment is None) == (customer in INCOMPLETE)
        assert status == (["excluded", INCOMPLETE[customer]] if customer in INCOMPLETE else ["assigned", None])
    kept = integrated.query("select customer_id, plan, orders, revenue::varchar from shop_segments")
    for customer, plan, orders, revenue in kept:
        given = _shop()[customer]
        assert (plan or "", "" if orders is None else str(orders), revenue or "") == (
            given["plan"],
            given["orders"],
            given["revenue"],
        )


def test_segments_of_numbers_categories_and_booleans_are_those_of_scikit_learn(integrated: Consumer) -> None:
    complete = {customer: row for customer, row in _shop().items() if customer not in INCOMPLETE}
    numbers = np.array([[float(row["orders"]), float(row["revenue"])] for row in complete.values()])
    plans = np.array([[row["plan"] == plan for plan in GROUPS] for row in complete.values()], dtype=float)
    members = np.array([[row["is_member"] == "true"] for row in complete.values()], dtype=float)
    columns = [column / np.sqrt(column.var(axis=0).sum()) for column in (plans, members)]
    features = np.column_stack([*columns, _standardised(numbers)])
    metrics = integrated.query("select n_clusters, inertia from shop_segments__metrics order by 1")
    assert [k for k, _ in metrics] == list(range(1, 11))
    for k, inertia in metrics:
        best = KMeans(k, n_init=50, random_state=0).fit(features).inertia_
        assert inertia == pytest.approx(best, rel=1e-9) or inertia < best
    labels = dict(integrated.query("select customer_id, segment_id from shop_segments where segment_id is not null"))
    [(k, silhouette)] = integrated.query("select n_clusters, silhouette from shop_segments__metrics where is_selected")
    found = [labels[customer] for customer in complete]
    assert k == len(set(found)) == 3
    assert silhouette == pytest.approx(silhouette_score(features, found), rel=1e-9)
    assert {(row["plan"], label) for row, label in zip(complete.values(), found, strict=True)} == set(
        zip(("Pro", "Plus", "Basic"), (1, 2, 3), strict=True)
    )


def test_who_lacks_a_value_is_given_the_mean_of_the_scaled_feature(integrated: Consumer) -> None:
    shop = _shop()
    orders = np.array([float(row["orders"] or "nan") for row in shop.values()])
    revenue = np.log1p([float(row["revenue"] or "nan") for row in shop.values()])
    filled = np.where(np.isnan(orders), np.nanmean(orders), orders)
    features = np.column_stack(
        [
            (filled - np.nanmin(orders)) / (np.nanmax(orders) - np.nanmin(orders)),
            2 * np.nan_to_num(_standardised(revenue), nan=0.0),
        ]
    )
    scored = "* exclude (version, previous_segment_id, segment_changed_at, is_new)"
    rows = {row[0]: row[1:] for row in integrated.query(f"select {scored} from imputed_shop_segments")}
    centroids = dict(
        integrated.query(
            "select segment_id, list(scaled_centroid order by feature) from imputed_shop_segments__centroids group by 1"
        )
    )
    expected = KMeans(3, n_init=50, random_state=0).fit(features)
    np.testing.assert_allclose(sorted(centroids.values()), sorted(expected.cluster_centers_.tolist()), atol=1e-9)
    for customer, point in zip(shop, features, strict=True):
        _, _, segment, _, distance, *_, status, reason = rows[customer]
        assert distance == pytest.approx(np.linalg.norm(point - centroids[segment]), abs=1e-9)
        is_missing = "" in (shop[customer]["orders"], shop[customer]["revenue"])
        assert status == ("imputed" if is_missing else "assigned")
        assert (reason is None) == (not is_missing)


def test_centroids_are_in_the_units_of_the_features_too(integrated: Consumer) -> None:
    """Of logarithms: the geometric mean of 1 + x, of those who have it or lack it."""
    rows = integrated.query(
        "select segment_id, feature, centroid from imputed_shop_segments__centroids order by segment_id, feature"
    )
    members: dict[int, list[str]] = {}
    for segment, customer in integrated.query("select segment_id, customer_id from imputed_shop_segments"):
        members.setdefault(segment, []).append(customer)
    known = np.log1p([float(row["revenue"]) for row in _shop().values() if row["revenue"]])
    for segment, feature, centroid in rows:
        if feature == "revenue":
            logarithms = [
                np.log1p(float(_shop()[customer]["revenue"])) if _shop()[customer]["revenue"] else known.mean()
                for customer in members[segment]
            ]
            assert centroid == pytest.approx(np.expm1(np.mean(logarithms)), rel=1e-9)


def test_a_vector_is_clustered_as_it_is(integrated: Consumer) -> None:
    songs = _songs()
    labels = [label for (label,) in integrated.query("select segment_id from song_segments order by song")]
    [(k, inertia)] = integrated.query("select n_clusters, inertia from song_segments__metrics where is_selected")
    assert (k, len(set(labels))) == (4, 4)
    assert inertia == pytest.approx(KMeans(4, n_init=20, random_state=0).fit(songs.astype(float)).inertia_, rel=1e-9)
    profiles = integrated.query(
        "select segment_id, segment_name, feature, mean, overall_mean, z_score, share, representatives "
        "from song_segments__profiles order by segment_id"
    )
    centroids = integrated.query(
        "select feature, centroid, scaled_centroid, centroid_vector, scaled_centroid_vector "
        "from song_segments__centroids order by segment_id"
    )
    songs_by_place = [song for (song,) in integrated.query("select song from song_segments order by song")]
    for (segment, name, *profile), (feature, *numbers, vector, scaled) in zip(profiles, centroids, strict=True):
        members = np.flatnonzero(np.array(labels) == segment)
        mean = songs[members].astype(float).mean(axis=0)
        assert (feature, numbers) == ("sound", [None, None])
        assert vector == scaled == pytest.approx(mean.tolist(), abs=1e-9)
        nearest = members[np.argsort(np.linalg.norm(songs[members] - mean, axis=1))][:3]
        ids = [songs_by_place[place] for place in nearest]
        assert profile == ["sound", None, None, None, len(members) / 40, ", ".join(map(str, ids))]
        assert name == f"like {ids[0]}"


def test_given_centroids_go_where_scikit_learn_takes_them_and_keep_their_ids(integrated: Consumer) -> None:
    songs = _songs_as_given()
    guesses = np.loadtxt(ROOT / "integration_tests/seeds/song_guesses.csv", delimiter=",", skiprows=1)[:, 1:]
    lowest, highest = songs.min(axis=0), songs.max(axis=0)
    expected = KMeans(4, init=(guesses - lowest) / (highest - lowest), n_init=1, tol=0.0).fit(
        (songs - lowest) / (highest - lowest)
    )
    found = [segment for (segment,) in integrated.query("select segment_id from guided_song_segments order by song")]
    assert [segment - 1 for segment in found] == expected.labels_.tolist()
    assert found[::10] == [3, 2, 4, 1]
    metrics = integrated.query("select n_clusters, inertia, selection_reason from guided_song_segments__metrics")
    assert metrics == [(4, pytest.approx(expected.inertia_, rel=1e-9), metrics[0][2])]


def test_a_customer_of_weight_three_is_as_three_customers(integrated: Consumer) -> None:
    """In the statistics, quartiles and medians included, the centroids, the metrics and the profiles."""
    weighted = integrated.query(
        "select customer_id, times, segment_id, segment_name, distance_to_centroid, confidence "
        "from weighted_shop_segments order by customer_id"
    )
    repeated = integrated.query(
        "select customer_id, count(*), any_value(segment_id), any_value(segment_name), "
        "any_value(distance_to_centroid), any_value(confidence) "
        "from repeated_shop_segments group by customer_id order by customer_id"
    )
    assert {int(times) for _, times, *_ in weighted} == {1, 2, 3, 4}
    for row, expected in zip(weighted, repeated, strict=True):
        assert row[:4] == expected[:4]
        assert row[4:] == pytest.approx(expected[4:], rel=1e-9)
    tables = [
        ("metrics", "inertia, silhouette, davies_bouldin, calinski_harabasz, smallest_segment", "n_clusters"),
        ("profiles", "segment_id, share, mean, overall_mean, z_score", "segment_id, feature"),
        ("centroids", "segment_id, centroid, scaled_centroid", "segment_id, feature"),
    ]
    for table, columns, key in tables:
        query = f"select {columns} from {{}}_shop_segments__{table} order by {key}"
        found, expected = (integrated.query(query.format(which)) for which in ("weighted", "repeated"))
        assert found
        for row, expected_row in zip(found, expected, strict=True):
            assert row == pytest.approx(expected_row, rel=1e-9, abs=1e-9)
    [(n_customers,)] = integrated.query(
        "select sum(n_customers) from weighted_shop_segments__profiles where feature = 'orders'"
    )
    assert n_customers == 60


def test_directions_are_clustered_by_their_angles_and_what_has_none_is_excluded(integrated: Consumer) -> None:
    songs = _songs_as_given()
    directions = songs / np.linalg.norm(songs, axis=1, keepdims=True)
    found = integrated.query(
        "select segment_id, distance_to_centroid, second_segment_id, distance_to_second_centroid, confidence "
        "from song_directions where song > 0 order by song"
    )
    centroids = np.array(
        [
            centroid
            for (centroid,) in integrated.query(
                "select list(scaled_centroid order by feature) from song_directions__centroids "
                "group by segment_id order by segment_id"
            )
        ]
    )[:, [1, 2, 0]]  # from brightness, loudness, tempo
    distances = cdist(directions, centroids, "cosine")
    order = np.argsort(distances, axis=1)
    for row, (segment, distance, second, to_second, confidence) in enumerate(found):
        assert (segment - 1, second - 1) == tuple(order[row, :2])
        assert (distance, to_second) == pytest.approx(distances[row, order[row, :2]], abs=1e-11)
        assert confidence == pytest.approx(1 - distance / to_second)
    labels = [segment for segment, *_ in found]
    [metrics] = integrated.query(
        "select metric, inertia, silhouette, davies_bouldin, calinski_harabasz from song_directions__metrics"
    )
    assert metrics[:1] + metrics[3:] == ("cosine", None, None)
    assert metrics[1] == pytest.approx(distances.min(axis=1).sum(), rel=1e-9)
    assert metrics[2] == pytest.approx(silhouette_score(songs, labels, metric="cosine"), rel=1e-9)
    assert integrated.query("select distinct centroid from song_directions__centroids") == [(None,)]
    assert integrated.query(
        "select segment_id, confidence, assignment_status, status_reason "
        "from song_directions where song < 1 order by song"
    ) == [
        (None, None, "excluded", "loudness is missing"),
        (None, None, "excluded", "has no direction: every feature is 0"),
    ]


def test_composing_the_macros_gives_what_the_materialization_gives(integrated: Consumer) -> None:
    """But for the numbers, which the composed one takes as doubles."""
    [(n_different, n_rows)] = integrated.query(
        "select count(*) filter (where a.segment_id <> b.segment_id or a.segment_name is null "
        "or abs(a.distance_to_centroid - b.distance_to_centroid) > 1e-6), count(*) "
        "from song_segments as a inner join composed_song_segments as b using (song)"
    )
    assert (n_different, n_rows) == (0, 40)


def test_awkward_names_and_values_are_quoted_and_not_executed(integrated: Consumer) -> None:
    table = '"Segmente 2026; drop table songs"'
    rows = integrated.query(f'select "Kunden ""Nr""", "it\'s", segment_id, segment_name from {table}')
    assert len(rows) == 40
    assert {value for _, value, *_ in rows} == {"x'; drop table songs; --", "{{ 1 }}"}
    assert all("the customers' choice" in name for *_, name in rows)
    features = integrated.query('select distinct feature from "Segmente 2026; drop table songs__centroids" order by 1')
    assert [name for (name,) in features] == [
        "Größe in m; --",
        "it's=x'; drop table songs; --",
        "it's={{ 1 }}",
        "select",
    ]
    [(n_tried,)] = integrated.query('select count(*) from "Segmente 2026; drop table songs__metrics"')
    assert n_tried == 3


def test_other_models_read_the_tables_beside_a_segmentation(integrated: Consumer) -> None:
    rows = integrated.query("select segment_name, feature, n_clusters from shop_summary")
    assert len(rows) == 3 * 6
    assert {n_clusters for *_, n_clusters in rows} == {3}
    assert Counter(feature for _, feature, _ in rows) == dict.fromkeys(
        ["plan=Basic", "plan=Plus", "plan=Pro", "is_member", "orders", "revenue"], 3
    )


def test_a_second_build_from_another_folder_gives_the_same_to_the_last_bit(
    integrated_copy: Consumer, tmp_path: Path
) -> None:
    kept = "('version', 'previous_segment_id', 'segment_changed_at', 'is_new', 'built_at', 'run_id', 'fitted_at')"

    def tables() -> dict[str, list[tuple[Any, ...]]]:
        """But for what a build adds to the history, and says of it."""
        names = [
            name
            for (name,) in integrated_copy.query("select table_name from duckdb_tables() order by 1")
            if not name.endswith(("__builds", "__transitions", "__drift", "_over_time"))
        ]
        assert len(names) > 16
        return {
            name: sorted(map(repr, integrated_copy.query(f'select columns(lambda c: c not in {kept}) from "{name}"')))
            for name in names
        }  # type: ignore[misc]

    before = tables()
    result = integrated_copy.dbt("build", cwd=tmp_path)
    assert result.returncode == 0, result.stdout
    moved = tmp_path / "integration_tests.duckdb"
    assert moved.exists()
    shutil.move(moved, integrated_copy.database)
    assert tables() == before


def test_the_documentation_is_generated(integrated_copy: Consumer) -> None:
    result = integrated_copy.dbt("docs", "generate", "--quiet")
    assert result.returncode == 0, result.stdout
    assert (integrated_copy.path / "target" / "catalog.json").exists()


def test_a_published_vector_is_reported_as_that_of_the_warehouse(integrated: Consumer, tmp_path: Path) -> None:
    """A published file has it as text, since few tools read lists."""
    tables = [Table("integration_tests", "main", f"song_segments{side}") for side in SIDES]
    published = tmp_path / "published.duckdb"
    with duckdb.connect(shutil.copy(integrated.database, tmp_path)) as connection:
        publish(connection, tables, find_place("published.duckdb", tmp_path), "a-run")
    expected = read_report_data(integrated.database, "song_segments").customers
    for found, customer in zip(read_report_data(published).customers, expected, strict=True):
        assert found.pop("id") == customer.pop("id")
        assert found == pytest.approx(customer, rel=1e-5, abs=1e-6)  # the text of a float has seven digits


def test_quartiles_of_weighted_customers_depend_on_neither_threads_nor_order(integrated_copy: Consumer) -> None:
    integrated_copy.write(
        "macros/median.sql",
        "{% macro weighted_median() %}{{ print(mallard._quantiles('points', [['x', 0.5]], 'w')) }}{% endmacro %}",
    )
    printed = integrated_copy.dbt("run-operation", "weighted_median", "--quiet").stdout
    (integrated_copy.path / "macros/median.sql").unlink()
    found = set()
    for threads, order in [(1, "i"), (2, "hash(i)"), (8, "-i")]:
        with duckdb.connect(config={"threads": threads}) as connection:
            connection.execute(
                "create table points as select sin(i) as x, 1 / (1 + i % 7 + cos(i)) as w from range(300000) as t(i) "
                f"order by {order}"
            )
            found.add(connection.execute(printed).fetchone())
    assert len(found) == 1


def test_features_come_in_their_order_whatever_the_order_of_the_rows_of_the_statistics(
    integrated_copy: Consumer,
) -> None:
    """As where DuckDB needn't preserve the order of insertion."""
    columns = "select column_name from (describe int_songs__features)"
    before = integrated_copy.query(columns)
    with duckdb.connect(integrated_copy.database) as connection:
        connection.execute("create table turned as from int_songs__statistics order by place desc")
        connection.execute("drop view int_songs__statistics; alter table turned rename to int_songs__statistics")
    result = integrated_copy.dbt("run", "--select", "int_songs__features")
    assert result.returncode == 0, result.stdout
    assert integrated_copy.query(columns) == before
    assert [name for (name,) in before[-3:]] == ["scaled_loudness", "scaled_tempo", "scaled_brightness"]


def test_the_copies_go_when_the_project_asks_for_none(integrated_copy: Consumer) -> None:
    for copies in ("[csv]", "[]"):
        variables = f"{{mallard_publish: {{dev: out/shop.duckdb}}, mallard_copies: {copies}}}"
        result = integrated_copy.dbt("run", "--select", "song_segments", "--vars", variables)
        assert result.returncode == 0, result.stdout
        assert (integrated_copy.path / "out" / "shop").exists() == (copies == "[csv]")
    assert "were of an earlier run and are removed" in result.stdout
