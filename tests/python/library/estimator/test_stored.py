"""The stored fit of a segmentation takes raw columns in every form, and is no fit of other rows."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from database import groups, make_database

from mallard import KMeans, MallardError
from mallard.estimator.stored import StoredKMeans


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three segments, of which the ids are 1, 3 and 4."""
    values, labels = groups(90, 2, 3)
    file = make_database(
        tmp_path_factory.mktemp("people") / "x.duckdb", values + 10, labels, ["a", "b"], ["x", "y", "z"]
    )
    with duckdb.connect(file) as connection:
        connection.execute("update people__centroids set segment_id = segment_id + 1 where segment_id > 1")
    return file


@pytest.fixture(scope="module")
def fit(people: Path) -> StoredKMeans:
    return KMeans.from_database(people)


@pytest.fixture(scope="module")
def rows(people: Path) -> np.ndarray:
    """Of all customers, shape (90, 2)."""
    with duckdb.connect(people, read_only=True) as connection:
        return np.array(connection.execute("select a, b from people order by rowid").fetchall())


def test_it_knows_the_segments(people: Path, fit: StoredKMeans) -> None:
    assert (fit.segment_ids_.tolist(), fit.segment_names_.tolist()) == ([1, 3, 4], ["x", "y", "z"])
    assert (fit.feature_names_in_.tolist(), fit.n_features_in_, fit.n_clusters, fit.n_clusters_) == (
        ["a", "b"],
        2,
        3,
        3,
    )
    with duckdb.connect(people, read_only=True) as connection:
        centroids = connection.execute(
            "select list(scaled_centroid order by feature) from people__centroids group by segment_id "
            "order by segment_id"
        ).fetchall()
    assert fit.cluster_centers_.tolist() == [centroid for (centroid,) in centroids]


FORMS = {
    "array": lambda rows: rows,
    "list": lambda rows: rows.tolist(),
    "dict": lambda rows: {"b": rows[:, 1].tolist(), "a": rows[:, 0], "other": ["x"] * len(rows)},
    "pandas": lambda rows: pd.DataFrame(rows, columns=["a", "b"])[["b", "a"]],
    "arrow": lambda rows: pa.table({"b": rows[:, 1], "a": rows[:, 0]}),
}


@pytest.mark.parametrize("form", FORMS)
def test_rows_may_have_any_form(fit: StoredKMeans, rows: np.ndarray, form: str) -> None:
    X = FORMS[form](rows)
    scaled = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    distances = np.linalg.norm(scaled[:, None] - fit.cluster_centers_, axis=2)
    np.testing.assert_allclose(fit.transform(X), distances, rtol=1e-12)
    np.testing.assert_array_equal(fit.predict(X), distances.argmin(axis=1))
    assert fit.score(X) == pytest.approx(-(distances.min(axis=1) ** 2).sum(), rel=1e-12)


def test_a_row_that_lacks_a_value_has_no_label(fit: StoredKMeans, rows: np.ndarray) -> None:
    X = np.vstack([rows[:1], [[np.nan, 1.0]]])
    assert fit.predict(X).tolist() == [fit.predict(rows[:1])[0], -1]
    assert np.isnan(fit.transform(X)).tolist() == [[False] * 3, [True] * 3]
    assert fit.score(X, sample_weight=[2.0, 1.0]) == pytest.approx(2 * fit.score(rows[:1]))
    assert fit.predict(X[1:]).tolist() == [-1]


def test_what_it_cant_do_is_refused(people: Path, fit: StoredKMeans, rows: np.ndarray) -> None:
    for fits in (fit.fit, fit.partial_fit, fit.fit_predict, fit.fit_transform):
        with pytest.raises(MallardError, match="segmentation people is fitted in its warehouse: run dbt build, or fit"):
            fits(rows)
    with pytest.raises(MallardError, match=r"X has shape \(90, 1\): give it the 2 columns a, b"):
        fit.predict(rows[:, :1])
    with pytest.raises(MallardError, match="column b isn't among the rows: add it"):
        fit.predict({"a": [1.0]})
    with pytest.raises(MallardError, match=r"the rows can't be scaled \(.*\): convert the column"):
        fit.predict({"a": ["much"], "b": [1.0]})
    with pytest.raises(MallardError, match="there is no segmentation nobody: choose one of people"):
        KMeans.from_database(people, "nobody")
