"""A database with a segmentation whose figures are computed here, not by Mallard."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from sklearn.metrics import silhouette_score

CENTROIDS = [
    "segment_id",
    "segment_name",
    "feature",
    "scale",
    "unit",
    "centroid",
    "scaled_centroid",
    "scaled_expression",
]
BORDERS = pa.schema(
    {
        "segment_id": pa.int32(),
        "other_segment_id": pa.int32(),
        "depth": pa.float64(),
        "significance": pa.float64(),
        "n_border": pa.float64(),
        "n_inside": pa.float64(),
        "n_inside_other": pa.float64(),
        "is_separate": pa.bool_(),
        "profile": pa.list_(pa.float64()),
    }
)
ATTRIBUTES = pa.schema(
    {
        "segment_id": pa.int32(),
        "segment_name": pa.string(),
        "attribute": pa.string(),
        "label": pa.string(),
        "value": pa.string(),
        "n_customers": pa.int64(),
        **dict.fromkeys(["share", "overall_share", "mean", "median"], pa.float64()),
        **dict.fromkeys(["overall_mean", "overall_median", "z_score"], pa.float64()),
        **dict.fromkeys(["median_at", "overall_median_at"], pa.timestamp("us")),
    }
)
DIVISIONS = pa.schema(
    {
        "n_clusters": pa.int32(),
        "segment_id": pa.int32(),
        "parent_id": pa.int32(),
        "share_of_segment": pa.float64(),
        "share_of_parent": pa.float64(),
    }
)
HUMP = [2.0, 6.0, 10.0, 12.0, 10.0, 6.0, 2.0]
VALLEY = [*[0.0] * 4, *HUMP, *[1.0] * 18, *HUMP, *[0.0] * 4]
"""Customers in the stretches between two groups of 50, 1 in each stretch around the border."""


def make_database(
    file: Path,
    values: np.ndarray,
    labels: np.ndarray,
    features: list[str],
    names: list[str],
    ids: list[str] | None = None,
    found: dict[str, Any] | None = None,
    borders: list[dict[str, Any]] | None = None,
    scales: dict[str, tuple[str, float | None]] | None = None,
    worth: tuple[str, np.ndarray] | None = None,
    columns: dict[str, Any] | None = None,
) -> Path:
    """Customers with features, shape (n_customers, n_features), in the segments that the labels say, from 0.

    Args:
        names: of the segments; a segment without a customer has no row in the profiles.
        found: columns of the metrics of the chosen number, in place of those of groups with clear borders.
        borders: rows of the table of borders, in place of a valley between each segment and the next.
        scales: scale and unit of features that aren't on the scale standard. Centroids are in standard units all the
            same, but z-scores are those of `scaled_by`.
        worth: what the value column is called, and what each customer is worth.
        columns: other columns of the customers: numbers, texts, booleans or datetimes. Each is an attribute.
    """
    mean, deviation = values.mean(axis=0), values.std(axis=0)
    scaled = (values - mean) / deviation
    n_segments = len(names)
    centroids = np.array([scaled[labels == segment].mean(axis=0) for segment in range(n_segments)])
    distances = np.sqrt(((scaled[:, None] - centroids[None]) ** 2).sum(axis=2))
    order = np.argsort(distances, axis=1)
    second = order[:, 1] if n_segments > 1 else None
    nearest = np.take_along_axis(distances, order[:, :2], axis=1)
    customers = pa.table(
        {
            "customer": ids or [f"c{i}" for i in range(len(values))],
            **{feature: values[:, i] for i, feature in enumerate(features)},
            **(columns or {}),
            "segment_id": pa.array(labels + 1, pa.int32()),
            "segment_name": [names[label] for label in labels],
            "second_segment_id": pa.array(second + 1, pa.int32())
            if second is not None
            else pa.nulls(len(values), pa.int32()),
            "confidence": 1 - nearest[:, 0] / nearest[:, 1] if second is not None else np.ones(len(values)),
            "assignment_status": ["assigned"] * len(values),
            "status_reason": pa.nulls(len(values), pa.string()),
        }
    )
    expressions = [
        f'("{feature.replace(chr(34), 2 * chr(34))}" - {mean[i]!r}) / {deviation[i]!r}'.replace("np.float64", "")
        for i, feature in enumerate(features)
    ]
    of_scales = dict.fromkeys(features, ("standard", None)) | (scales or {})
    sides = [
        {
            "segment_id": segment + 1,
            "segment_name": names[segment],
            "n_customers": int((labels == segment).sum()),
            "share": float((labels == segment).mean()),
            "stability": 0.9 if n_segments > 1 else None,
            **_worth(worth, labels, segment),
            "feature": feature,
            "label": feature.replace("_", " "),
            "mean": float(values[labels == segment, i].mean()),
            "median": float(np.median(values[labels == segment, i])),
            "overall_mean": float(mean[i]),
            "overall_median": float(np.median(values[:, i])),
            "z_score": z_score(scaled_by(values[:, i], *of_scales[feature]), labels == segment),
            "scale": of_scales[feature][0],
            "unit": of_scales[feature][1],
            "centroid": float(mean[i] + deviation[i] * centroids[segment, i]),
            "scaled_centroid": float(centroids[segment, i]),
            "scaled_expression": expressions[i],
        }
        for segment in range(n_segments)
        for i, feature in enumerate(features)
    ]
    silhouette = silhouette_score(scaled[:5000], labels[:5000]) if n_segments > 1 else None
    metrics = [
        {
            "n_clusters": k,
            "entity": "customer",
            "metric": "euclidean",
            "inertia": float((nearest[:, 0] ** 2).sum()) * n_segments / k,
            "silhouette": silhouette if k == n_segments else None if k == 1 else 0.25,
            "silhouette_estimate": None,
            "n_groups": n_segments,
            "verdict": ("natural" if k > 1 else "none") if k == n_segments else None,
            "verdict_reason": "Every border is a valley: a test." if k == n_segments else None,
            "is_natural": 1 < k == n_segments,
            "is_selected": k == n_segments,
            "selection_reason": f"k = {k}, set by hand: a test." if k == n_segments else None,
        }
        for k in range(1, n_segments + 2)
    ]
    metrics = [row | (found or {}) if row["is_selected"] else row for row in metrics]
    if borders is None:
        borders = [border(first, first + 1) for first in range(1, n_segments)]
    attributes = [row for name, column in (columns or {}).items() for row in _attribute(name, column, labels, names)]
    tables = {
        "people": customers,
        "people__profiles": pa.Table.from_pylist(sides),
        "people__centroids": pa.Table.from_pylist(sides).select(CENTROIDS),
        "people__metrics": pa.Table.from_pylist(metrics),
        "people__borders": pa.Table.from_pylist(borders, BORDERS),
        "people__divisions": pa.Table.from_pylist(divisions(np.bincount(labels, minlength=n_segments)), DIVISIONS),
    }
    if columns:
        tables["people__attributes"] = pa.Table.from_pylist(attributes, ATTRIBUTES)
    with duckdb.connect(file) as connection:
        for name, table in tables.items():
            connection.register("given", table)
            connection.execute(f"create table {name} as from given")
        connection.execute("alter table people__profiles add column representatives varchar")
        connection.execute("alter table people__centroids add column scaled_centroid_vector double[]")
    return file


def scaled_by(values: np.ndarray, scale: str, unit: float | None) -> np.ndarray:
    """Values on a scale, before they are standardised."""
    return {"asinh+standard": lambda: np.arcsinh(values / unit), "log1p+standard": lambda: np.log1p(values)}.get(
        scale, lambda: values
    )()


def z_score(values: np.ndarray, is_inside: np.ndarray) -> float:
    """How many population standard deviations the mean of some values is above that of all."""
    return float((values[is_inside].mean() - values.mean()) / (values.std() or 1))


def _worth(worth: tuple[str, np.ndarray] | None, labels: np.ndarray, segment: int) -> dict[str, Any]:
    if worth is None:
        return {"value_label": None, "total_value": None, "share_of_value": None}
    label, values = worth
    of_segment, of_all = float(np.nansum(values[labels == segment])), float(np.nansum(values))
    return {
        "value_label": label,
        "total_value": of_segment,
        "share_of_value": of_segment / of_all if of_all > 0 else None,
    }


def _attribute(name: str, column: Any, labels: np.ndarray, names: list[str]) -> list[dict[str, Any]]:
    """Rows of the table of attributes: one for each segment, or for each of its five commonest texts."""
    all_values = np.array(column)
    rows = []
    for segment, segment_name in enumerate(names):
        inside = labels == segment
        first = {"segment_id": segment + 1, "segment_name": segment_name, "attribute": name}
        first |= {"label": name.replace("_", " "), "n_customers": int(inside.sum()), "share": 1.0, "overall_share": 1.0}
        if all_values.dtype.kind in "fi":
            rows.append(
                first
                | {
                    "mean": float(all_values[inside].mean()),
                    "median": float(np.median(all_values[inside])),
                    "overall_mean": float(all_values.mean()),
                    "overall_median": float(np.median(all_values)),
                    "z_score": z_score(all_values, inside),
                }
            )
        elif all_values.dtype.kind == "O":
            middle, overall = (sorted(of)[(len(of) - 1) // 2] for of in (all_values[inside], all_values))
            rows.append(first | {"median_at": middle, "overall_median_at": overall})
        else:
            texts = np.char.lower(all_values.astype(str))
            counts = sorted((-int((texts[inside] == text).sum()), text) for text in set(texts[inside]))
            rows += [
                first
                | {
                    "value": str(text),
                    "n_customers": -n,
                    "share": -n / int(inside.sum()),
                    "overall_share": float((texts == text).mean()),
                }
                for n, text in counts[:5]
            ]
    return rows


def border(first: int, second: int, **values: Any) -> dict[str, Any]:
    """A row of the table of borders: a deep valley, unless values say something else."""
    row = {
        "segment_id": first,
        "other_segment_id": second,
        "depth": 0.1,
        "significance": 9.0,
        "n_border": 5.0,
        "n_inside": 50.0,
        "n_inside_other": 60.0,
        "is_separate": True,
        "profile": VALLEY,
    }
    return row | values


def divisions(sizes: np.ndarray) -> list[dict[str, Any]]:
    """Rows of the table of divisions up to one segment more: each time, the last segment divides into two."""
    rows = []
    of_last = [*sizes[:-1], sizes[-1] / 2, sizes[-1] / 2]
    for k in range(2, len(sizes) + 2):
        divided = sum(of_last[k - 2 :])
        parts = {k - 1: of_last[k - 2], k: sum(of_last[k - 1 :])}
        rows += [_link(k, segment, segment, 1.0) for segment in range(1, k - 1)]
        rows += [_link(k, segment, k - 1, float(part / divided)) for segment, part in parts.items()]
    return rows


def _link(k: int, segment: int, parent: int, share_of_parent: float) -> dict[str, Any]:
    return {
        "n_clusters": k,
        "segment_id": segment,
        "parent_id": parent,
        "share_of_segment": 1.0,
        "share_of_parent": share_of_parent,
    }


def groups(n_customers: int, n_features: int, n_groups: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Customers in well separated groups, and the group of each."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n_customers) % n_groups
    return 10 * rng.normal(size=(n_groups, n_features))[labels] + rng.normal(size=(n_customers, n_features)), labels
