"""What the report says of other algorithms."""

from __future__ import annotations

from mallard.labels import capital
from mallard.report.data import OtherAlgorithm, ReportData


def what_others_find(data: ReportData) -> list[str]:
    """Sentences about the algorithms that divided the same customers."""
    others = data.algorithms
    ran = [of for of in others if of.clusters_found is not None]
    said = [
        f"{_algorithms(len(ran))} divided the same {data.noun.many} into {others[0].n_clusters} clusters, or nearly as "
        "many."
    ]
    if len(ran) < len(others):
        said.append(f"{_algorithms(len(others) - len(ran))} failed; the table says why.")
    everybody = [of for of in ran if of.noise_share == 0 and of.silhouette is not None]
    if everybody:
        said.append(
            f"Of those that put all {data.noun.many} into clusters, {everybody[0].name} has the highest silhouette "
            f"({everybody[0].silhouette:.2f})."
        )
    partial = [of for of in ran if of.noise_share]
    if partial:
        names = " and ".join(of.name for of in partial)
        said.append(f"{capital(names)} left some out as noise, which flatters the silhouette of the rest.")
    alike = [of.agreement for of in ran if of.agreement is not None]
    if alike:
        said.append(
            f"Their agreement with the segments is from {min(alike):.2f} to {max(alike):.2f}: at 1, an algorithm finds "
            "the same segments, and about 0, others that have nothing in common with them."
        )
    return said


def noise(of: OtherAlgorithm) -> str:
    """The share that it leaves out."""
    if of.noise_share is None:
        return ""
    return "hidden" if of.hides_noise else f"{of.noise_share:.0%}"


def _algorithms(n: int) -> str:
    return f"{n} algorithm" if n == 1 else f"{n} algorithms"
