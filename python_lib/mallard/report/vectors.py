"""Features that are vectors: what charts show of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mallard.engines.duckdb.database import Database
from mallard.kmeans.points import Floats
from mallard.labels import plain
from mallard.report.data import Feature, Segment
from mallard.sql.text import literal
from mallard.tables.find import SegmentationTables

N_DIRECTIONS = 2


@dataclass(frozen=True)
class Vector:
    """A feature that is a vector.

    Attributes:
        name: name in the tables.
        scaled: SQL of the vector in scaled units.
        centroids: of the segments, in the order of their ids, shape (n_segments, n_positions).
    """

    name: str
    scaled: str
    centroids: Floats


def vectors_of(database: Database, tables: SegmentationTables) -> list[Vector]:
    """All features that are vectors. In published files, vectors are text."""
    rows = database.tuples(
        "select feature, scaled_expression, cast(scaled_centroid_vector as double[]) "
        f"from {tables.beside['centroids']} where scaled_centroid_vector is not null order by segment_id asc"
    )
    return [
        Vector(name, next(sql for of, sql, _ in rows if of == name), np.array([c for of, _, c in rows if of == name]))
        for name in dict.fromkeys(name for name, *_ in rows)
    ]


def directions_of(vectors: Sequence[Vector], first_key: int) -> list[Feature]:
    """Numbers that charts can show in place of a vector: its places along the lines on which its centroids differ most.

    These are the first right singular vectors of the centred centroids.

    Args:
        first_key: number of the first key that is free.
    """
    features: list[Feature] = []
    for vector in vectors:
        centred = vector.centroids - vector.centroids.mean(axis=0)
        lines = np.linalg.svd(centred, full_matrices=False)[2][:N_DIRECTIONS]
        for number, line in enumerate(lines, start=1):
            name = f"{vector.name}, direction {number}"
            size = len(line)
            inner = f"array_inner_product({vector.scaled}, cast({literal(repr(line.tolist()))} as double[{size}]))"
            key = f"f{first_key + len(features)}"
            spread = float(np.ptp(centred @ line))
            features.append(Feature(key, name, plain(name), inner, inner, spread, is_direction=True))
    return features


def with_directions(
    database: Database, tables: SegmentationTables, segments: Sequence[Segment], directions: Sequence[Feature]
) -> list[Segment]:
    """The segments, with what profiles say of numbers for directions too: means, and z-scores."""
    if not directions:
        return list(segments)
    means = ", ".join(f"avg({direction.value})" for direction in directions)
    deviations = ", ".join(f"stddev_pop({direction.value})" for direction in directions)
    source = f"from {tables.customers} where segment_id is not null"
    [overall] = database.tuples(f"select {means}, {deviations} {source}")
    by_segment = database.tuples(f"select segment_id, {means} {source} group by segment_id")
    found = {segment: of_segment for segment, *of_segment in by_segment}
    changed = []
    for segment in segments:
        of_segment = dict(zip((direction.key for direction in directions), found[segment.segment_id], strict=True))
        z_scores = {
            key: (mean - of_all) / deviation if deviation else None
            for (key, mean), of_all, deviation in zip(
                of_segment.items(), overall[: len(directions)], overall[len(directions) :], strict=True
            )
        }
        changed.append(
            replace(
                segment,
                means=segment.means | of_segment,
                medians=segment.medians | dict.fromkeys(of_segment),
                z_scores=segment.z_scores | z_scores,
                position=segment.position | of_segment,
            )
        )
    return changed
