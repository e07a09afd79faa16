"""How other algorithms divide the same customers, as far as a report may show it."""

from __future__ import annotations

from mallard.engines.duckdb.database import Database
from mallard.labels import plain
from mallard.report.data import OtherAlgorithm
from mallard.report.disclosure import Disclosure
from mallard.tables.find import SegmentationTables

ALGORITHMS = (
    "algorithm",
    "n_clusters",
    "clusters_found",
    "noise_share",
    "inertia",
    "silhouette",
    "stability",
    "adjusted_rand_index",
    "can_score_in_sql",
    "rows_used",
    "message",
)
"""The columns that the report reads."""


def read_algorithms(
    database: Database, tables: SegmentationTables, n_clusters: int, disclosure: Disclosure
) -> list[OtherAlgorithm]:
    """The algorithms at the number of clusters that is nearest to the number of segments, the best silhouette first.

    Args:
        n_clusters: the chosen number of segments.
    """
    if "algorithms" not in tables.beside:
        return []
    found = database.rows(
        f"select {', '.join(ALGORITHMS)} from {tables.beside['algorithms']} "
        f"qualify dense_rank() over (order by abs(n_clusters - {n_clusters}) asc, n_clusters asc) = 1 "
        "order by silhouette desc nulls last, algorithm asc"
    )
    return [
        OtherAlgorithm(
            name=plain(row["algorithm"].replace("_", " ")),
            n_clusters=row["n_clusters"],
            clusters_found=row["clusters_found"],
            noise_share=row["noise_share"],
            hides_noise=disclosure.hides(round((row["noise_share"] or 0) * row["rows_used"])),
            inertia=row["inertia"],
            silhouette=row["silhouette"],
            stability=row["stability"],
            agreement=row["adjusted_rand_index"],
            can_score_in_sql=row["can_score_in_sql"],
            message=None if row["message"] is None else plain(row["message"]),
        )
        for row in found
    ]
