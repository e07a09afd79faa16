"""Any project scales its customers as the stored version does, and compares algorithms on them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from consumer import Consumer
from kinds import KINDS, made_kinds
from once import made_once
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

MODEL = """
from mallard.dbt_model import compare_algorithms


def model(dbt, session):
    return compare_algorithms(dbt.ref("scaled_{name}"), {meta})
"""
COMPARED = {
    "excluded": {"algorithms": ["agglomerative_ward", "kmeans"], "max_clusters": 4, "n_resamples": 1},
    "vector": {"algorithms": ["agglomerative_ward"], "max_rows": 100, "min_clusters": 3, "max_clusters": 3},
}
REFUSED = {
    "dbscan": ("plain", {"algorithms": ["dbscan"]}, 'setting algorithms is ["dbscan"]: give a list of kmeans, '),
    "no_feature": ("none", {}, "there is no feature: no column of customer_id, segment_id begins with scaled_."),
    "nobody": ("nobody", {}, "there are no customers to compare algorithms on: every row lacks a feature or a segment"),
}


def _build(path: Path, kinds: Consumer) -> None:
    shop = Consumer(shutil.copytree(kinds.path, path / "shop", symlinks=True))
    for name in KINDS:
        shop.write(f"models/scaled_{name}.sql", f"{{{{ mallard.scaled(ref('{name}')) }}}}")
    shop.write("models/scaled_none.sql", "select customer_id, segment_id from {{ ref('plain') }}")
    shop.write("models/scaled_nobody.sql", "select * replace (null as segment_id) from {{ ref('scaled_plain') }}")
    for name, meta in COMPARED.items():
        shop.write(f"models/{name}__algorithms.py", MODEL.format(name=name, meta=meta))
    for model, (name, meta, _) in REFUSED.items():
        shop.write(f"models/{model}.py", MODEL.format(name=name, meta=meta))
    result = shop.dbt("run", "--select", "scaled_*+")
    assert result.returncode == 1, result.stdout
    (path / "messages.json").write_text(json.dumps(shop.messages()))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    kinds = made_kinds(tmp_path_factory)
    return made_once(tmp_path_factory, "compared_algorithms", lambda path: _build(path, kinds))


@pytest.fixture(scope="module")
def shop(folder: Path) -> Consumer:
    return Consumer(folder / "shop")


@pytest.mark.parametrize("name", KINDS)
def test_distances_between_what_is_scaled_are_those_of_the_segmentation(shop: Consumer, name: str) -> None:
    features, centroids = _features_and_centroids(shop, name)
    found = shop.query(f"select segment_id, distance_to_centroid, {features} from scaled_{name} order by customer_id")
    assert len(found) == 600
    assert [row[0] for row in found] == [
        s for (s,) in shop.query(f"select segment_id from {name} order by customer_id")
    ]
    for segment, distance, *scaled in found:
        if segment is not None:
            square = np.sum((np.hstack(scaled) - centroids[segment]) ** 2)
            expected = square / 2 if KINDS[name].get("metric") == "cosine" else np.sqrt(square)
            assert distance == pytest.approx(expected, abs=1e-9)


def _features_and_centroids(shop: Consumer, name: str) -> tuple[str, dict[int, np.ndarray]]:
    rows = shop.query(
        f"select segment_id, feature, coalesce(scaled_centroid_vector, [scaled_centroid]) from {name}__centroids"
    )
    features = list(dict.fromkeys(feature for _, feature, _ in rows))
    by_place = {(segment, feature): vector for segment, feature, vector in rows}
    quoted = ['"scaled_' + feature.replace('"', '""') + '"' for feature in features]
    return ", ".join(quoted), {
        segment: np.hstack([by_place[segment, feature] for feature in features]) for segment, *_ in rows
    }


@pytest.mark.parametrize("name", COMPARED)
def test_algorithms_run_on_what_is_scaled(shop: Consumer, name: str) -> None:
    features, centroids = _features_and_centroids(shop, name)
    n_rows = COMPARED[name].get("max_rows", 10_000)
    [(used, agreement, inertia)] = shop.query(
        "select rows_used, adjusted_rand_index, inertia "
        f"from {name}__algorithms where algorithm = 'agglomerative_ward' and n_clusters = {len(centroids)}"
    )
    known = shop.query(f"select segment_id, {features} from scaled_{name} where segment_id is not null")
    assert used == min(n_rows, len(known))
    if used == len(known):
        rows, segments = np.array([np.hstack(row[1:]) for row in known]), [row[0] for row in known]
        labels = AgglomerativeClustering(len(centroids)).fit_predict(rows)
        means = np.array([rows[labels == label].mean(axis=0) for label in range(len(centroids))])
        assert inertia == pytest.approx(np.sum((rows - means[labels]) ** 2))
        assert agreement == pytest.approx(adjusted_rand_score(segments, labels))


@pytest.mark.parametrize("model", REFUSED)
def test_what_cannot_be_compared_is_refused_in_one_line(folder: Path, model: str) -> None:
    status, message = json.loads((folder / "messages.json").read_text())[model]
    assert status == "error"
    assert f"mallard: {REFUSED[model][2]}" in message
    assert "Traceback" not in message


def test_without_rows_the_table_is_empty_and_has_its_types(shop: Consumer) -> None:
    described = "describe from vector__algorithms"
    before = [row[:2] for row in shop.query(described)]
    result = shop.dbt("run", "--empty", "--select", "vector__algorithms")
    assert result.returncode == 0, result.stdout
    assert [row[:2] for row in shop.query(described)] == before
    assert shop.query("select count(*) from vector__algorithms") == [(0,)]
