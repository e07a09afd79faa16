"""Segmentations by vectors, such as embeddings of texts, against numpy and scikit-learn."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from consumer import Consumer, make_consumer
from once import made_once
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

from mallard.cli import main
from mallard.report.reading import read_report_data

SIZE = 40
N = 240
WIDE = 1536
TESTED = """
models:
{models}
"""
MODEL = """
  - name: {name}
    data_tests:
      - mallard.is_nearest_centroid: {{arguments: {{id_column: id}}}}
"""


def _embeddings() -> np.ndarray:
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(3, SIZE))
    return (centers[np.arange(N) % 3] + 0.3 * rng.normal(size=(N, SIZE))).astype(np.float32)


def _ages() -> np.ndarray:
    return np.random.default_rng(1).integers(18, 80, N).astype(float)


def _standardised(values: np.ndarray) -> np.ndarray:
    return (values - values.mean(axis=0)) / values.std(axis=0)


def _build(folder: Path) -> None:
    consumer = make_consumer(folder)
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(_embeddings().ravel()), SIZE)
    table = pa.table({"id": np.arange(N), "age": _ages(), "embedding": vectors, "times": 1.0 + np.arange(N) % 2})
    pq.write_table(table, consumer.path / "customers.parquet")
    source = f"from '{consumer.path / 'customers.parquet'}'"
    scaled = {"embedding": {"scale": "standard", "weight": 0.5}, "age": {"scale": "minmax"}}
    consumer.write_segmentation("plain", f"select id, embedding {source}", id="id", n_clusters=3)
    consumer.write_segmentation("scaled", f"select id, age, embedding {source}", id="id", n_clusters=3, features=scaled)
    consumer.write_segmentation(
        "aged",
        f"select id, if(id < 120, age, age + 500) as age, embedding {source}",
        id="id",
        n_clusters=2,
        features={"age": {"weight": 10}, "embedding": None},
    )
    consumer.write_segmentation(
        "weighted", f"select * {source}", id="id", n_clusters=3, weight_column="times", features=scaled
    )
    consumer.write_segmentation(
        "angles", f"select id, embedding {source} union all select 999, [0 for x in range({SIZE})]", id="id",
        n_clusters=3, metric="cosine",
    )  # fmt: skip
    gaps = "case id when 0 then null when 1 then list_resize(embedding[:39], 40) when 2 then [x / 0 for x in embedding]"
    with_gaps = f"select id, {gaps} else embedding end as embedding {source}"
    consumer.write_segmentation("gaps", with_gaps, id="id", n_clusters=3)
    consumer.write_segmentation("filled", with_gaps, id="id", n_clusters=3, nulls="mean")
    consumer.write("models/guesses.sql", f"select 3 - id as segment_id, embedding {source} where id < 3")
    consumer.write_segmentation(
        "guided", f"-- depends_on: {{{{ ref('guesses') }}}}\nselect id, embedding {source}", id="id", init="guesses"
    )
    consumer.write_segmentation(
        "private", f"select id, embedding {source}", id="id", n_clusters=3, publish_exclude=["ID"]
    )
    moment = "timestamptz '2026-01-01 00:00:00+00' + interval (id) hour"
    consumer.write_segmentation("moments", f"select {moment} as at, embedding {source}", id="at", n_clusters=3)
    wide = f"[sin((i % 3 + 1) * x) + sin(i * x) / 9 for x in range({WIDE})]"
    consumer.write_segmentation("wide", f"select i as id, {wide} as v from range(60) t(i)", id="id", max_clusters=4)
    names = ("plain", "scaled", "aged", "weighted", "angles", "gaps", "filled", "guided", "wide")
    consumer.write("models/_models.yml", TESTED.format(models="".join(MODEL.format(name=name) for name in names)))
    profile = (consumer.path / "profiles.yml").read_text()
    consumer.write("profiles.yml", profile.rstrip() + "\n      settings: {TimeZone: Asia/Tokyo}\n")
    result = consumer.dbt("build")
    assert result.returncode == 0, result.stdout


@pytest.fixture(scope="session")
def by_vectors(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    return Consumer(made_once(tmp_path_factory, "by_vectors", _build))


def _inertia(project: Consumer, name: str) -> float:
    [(inertia,)] = project.query(f"select inertia from {name}__metrics where is_selected")
    return float(inertia)


def test_a_vector_among_numbers_is_scaled_position_by_position(by_vectors: Consumer) -> None:
    ages = _ages()
    features = np.column_stack(
        [0.5 * _standardised(_embeddings().astype(float)), (ages - ages.min()) / (ages.max() - ages.min())]
    )
    expected = KMeans(3, n_init=20, random_state=0).fit(features)
    assert _inertia(by_vectors, "scaled") == pytest.approx(expected.inertia_, rel=1e-9)
    rows = by_vectors.query(
        "select segment_id, scaled_centroid_vector, centroid_vector from scaled__centroids where feature = 'embedding'"
    )
    labels = np.array([label for (label,) in by_vectors.query("select segment_id from scaled order by id")])
    for segment, scaled, unscaled in rows:
        np.testing.assert_allclose(scaled, features[labels == segment, :SIZE].mean(axis=0), atol=1e-9)
        np.testing.assert_allclose(unscaled, _embeddings()[labels == segment].mean(axis=0), atol=1e-6)
    kinds = by_vectors.query(
        "select distinct feature, mean is null, z_score is null, representatives is null "
        "from scaled__profiles order by 1"
    )
    assert kinds == [("age", False, False, True), ("embedding", True, True, False)]
    names = by_vectors.query("select distinct segment_name from scaled")
    assert all(name.startswith("like ") for (name,) in names)  # the ages tell nothing
    assert by_vectors.query("select distinct segment_name from aged order by 1") == [("older",), ("younger",)]


def test_weights_count_at_each_position(by_vectors: Consumer) -> None:
    repeated = np.repeat(np.arange(N), 1 + np.arange(N) % 2)
    ages = _ages()
    features = np.column_stack(
        [
            0.5 * _standardised(_embeddings().astype(float)[repeated]),
            (ages[repeated] - ages.min()) / (ages.max() - ages.min()),
        ]
    )
    expected = KMeans(3, n_init=20, random_state=0).fit(features)
    assert _inertia(by_vectors, "weighted") == pytest.approx(expected.inertia_, rel=1e-9)


def test_vectors_are_compared_by_angle(by_vectors: Consumer) -> None:
    directions = _embeddings().astype(float)
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    labels = np.array(
        [label for (label,) in by_vectors.query("select segment_id from angles where id < 999 order by id")]
    )
    assert {(i % 3, label) for i, label in enumerate(labels)} == {(i % 3, labels[i]) for i in range(3)}
    means = np.array([directions[labels == label].mean(axis=0) for label in (1, 2, 3)])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    assert _inertia(by_vectors, "angles") == pytest.approx(np.sum(1 - np.sum(directions * means[labels - 1], axis=1)))
    status = by_vectors.query("select segment_id, assignment_status, status_reason from angles where id = 999")
    assert status == [(None, "excluded", "has no direction: every feature is 0")]


def test_a_vector_with_a_gap_is_missing_or_filled_in(by_vectors: Consumer) -> None:
    columns = "id, segment_id is null, assignment_status, status_reason"
    excluded = by_vectors.query(f"select {columns} from gaps where assignment_status <> 'assigned' order by id")
    assert excluded == [(i, True, "excluded", "embedding is missing") for i in range(3)]
    filled = by_vectors.query(f"select {columns} from filled where assignment_status <> 'assigned' order by id")
    assert filled == [(i, False, "imputed", "embedding is missing") for i in range(3)]
    vectors = _embeddings().astype(float)
    vectors[[0, 2]] = np.nan
    vectors[1, 39] = np.nan
    vectors = np.where(np.isnan(vectors), np.nanmean(vectors, axis=0), vectors)
    expected = KMeans(3, n_init=20, random_state=0).fit(vectors)
    assert _inertia(by_vectors, "filled") == pytest.approx(expected.inertia_, rel=1e-9)


def test_given_centroids_may_be_vectors(by_vectors: Consumer) -> None:
    vectors = _embeddings().astype(float)
    expected = KMeans(3, init=vectors[[2, 1, 0]], n_init=1, tol=0.0).fit(vectors)
    labels = [label for (label,) in by_vectors.query("select segment_id from guided order by id")]
    assert [label - 1 for label in labels] == expected.labels_.tolist()


def test_who_is_nearest_to_the_centroid_speaks_for_a_segment(by_vectors: Consumer) -> None:
    rows = by_vectors.query(
        "select segment_id, list(id order by distance_to_centroid, id)[:3], any_value(segment_name) "
        "from plain group by 1"
    )
    profiles = by_vectors.query("select segment_id, representatives from plain__profiles")
    assert dict(profiles) == {segment: ", ".join(map(str, ids)) for segment, ids, _ in rows}
    assert [name for *_, name in rows] == [f"like {ids[0]}" for _, ids, _ in rows]


def test_many_positions_make_no_long_query(by_vectors: Consumer) -> None:
    """The text that scores doesn't grow with them, and the groups are found."""
    scored = (by_vectors.path / "target" / "run" / "shop" / "models" / "wide.sql").read_text()
    assert len(scored) < 10_000
    found = by_vectors.query("select id % 3, segment_id, count(*) from wide group by all")
    assert len(found) == 3
    assert {n for *_, n in found} == {20}


def test_the_report_shows_directions_and_who_is_nearest(by_vectors: Consumer) -> None:
    vectors = _embeddings().astype(float)
    labels = np.array([label for (label,) in by_vectors.query("select segment_id from plain order by id")])
    data = read_report_data(by_vectors.database, "plain")
    nearest = dict(by_vectors.query("select segment_id, representatives from plain__profiles"))
    assert {segment.segment_id: segment.representatives for segment in data.segments} == nearest
    assert [feature.label for feature in data.features] == ["embedding, direction 1", "embedding, direction 2"]
    means = np.array([vectors[labels == segment].mean(axis=0) for segment in (1, 2, 3)])
    lines = np.linalg.svd(means - means.mean(axis=0), full_matrices=False)[2][:2]
    places = vectors @ lines.T
    shown = np.array([[row["f0"], row["f1"]] for row in sorted(data.customers, key=lambda row: int(row["id"]))])
    np.testing.assert_allclose(np.abs(shown), np.abs(places), atol=1e-6)
    for segment in data.segments:
        of_segment = places[labels == segment.segment_id].mean(axis=0)
        np.testing.assert_allclose(np.abs(list(segment.means.values())), np.abs(of_segment), atol=1e-6)
        z_scores = (of_segment - places.mean(axis=0)) / places.std(axis=0)
        np.testing.assert_allclose(np.abs(list(segment.z_scores.values())), np.abs(z_scores), atol=1e-6)
    assert data.explained == pytest.approx(PCA(2).fit(vectors).explained_variance_ratio_.sum(), rel=1e-6)


@pytest.mark.parametrize("option", ["--no-ids", "--aggregate"])
def test_a_page_without_ids_names_no_segment_after_a_customer(
    by_vectors: Consumer, tmp_path: Path, option: str
) -> None:
    page = tmp_path / "page.html"
    arguments = ["report", str(by_vectors.database), "-s", "plain", option, "--output", str(page)]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    names = [name for (name,) in by_vectors.query("select distinct segment_name from plain")]
    pictures = [picture.read_text() for picture in tmp_path.rglob("*.svg")]
    assert len(names) == 3
    assert pictures
    for text in (page.read_text(), *pictures):
        assert not any(name in text for name in names)
        assert "Nearest to the centroid" not in text


def test_ids_that_are_not_published_are_in_no_name(by_vectors: Consumer) -> None:
    names = by_vectors.query("select distinct segment_name from private order by 1")
    assert names == [("segment 1",), ("segment 2",), ("segment 3",)]
    assert by_vectors.query("select count(representatives) from private__profiles") == [(0,)]


def test_moments_stand_in_names_as_they_are_published(by_vectors: Consumer) -> None:
    """In UTC, whatever the time zone of the session."""
    nearest = by_vectors.query(
        "select segment_id, min_by(id, (distance_to_centroid, id)) from plain group by 1 order by 1"
    )
    names = by_vectors.query("select distinct segment_id, segment_name from moments order by 1")
    start = datetime(2026, 1, 1)
    assert names == [(segment, f"like {start + timedelta(hours=id_)}") for segment, id_ in nearest]
