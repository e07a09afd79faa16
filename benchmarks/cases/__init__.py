"""The cases by name, in the order of the report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from benchmarks.cases import (
    at_once,
    billion,
    cold_build,
    criteria,
    drift,
    explaining,
    groups,
    growth,
    iteration,
    later_builds,
    materialization,
    memory,
    partitions,
    publishing,
    scoring,
    silhouette,
    small_fit,
    spark,
    spark_growth,
    vectors,
    whole_job,
)
from benchmarks.markdown import Section
from benchmarks.plan import Plan


class Case(NamedTuple):
    """A measurement.

    Attributes:
        title: heading of the section.
        measure: function that returns the figures, which can be written as JSON.
        report: function that returns the section about the figures.
    """

    title: str
    measure: Callable[[Plan], dict[str, Any]]
    report: Callable[[dict[str, Any]], Section]


CASES = {
    "a": Case("Whole job, whole-number features", whole_job.WHOLE.measure, whole_job.WHOLE.report),
    "b": Case("Whole job, continuous features", whole_job.CONTINUOUS.measure, whole_job.CONTINUOUS.report),
    "c": Case("Whole job, 16 continuous features", whole_job.BLOBS.measure, whole_job.BLOBS.report),
    "d": Case("One Lloyd iteration", iteration.measure, iteration.report),
    "e": Case("Exact silhouette", silhouette.measure, silhouette.report),
    "f": Case("Memory", memory.measure, memory.report),
    "g": Case("Cold build of the Mall project", cold_build.measure, cold_build.report),
    "h": Case("Growth with the number of customers", growth.measure, growth.report),
    "i": Case("Partitions beside the best known", partitions.measure, partitions.report),
    "j": Case("The number of segments", criteria.measure, criteria.report),
    "k": Case("When to fit again", drift.measure, drift.report),
    "l": Case("Later builds", later_builds.measure, later_builds.report),
    "m": Case("Groups", groups.measure, groups.report),
    "n": Case("A small fit", small_fit.measure, small_fit.report),
    "o": Case("Explaining", explaining.measure, explaining.report),
    "p": Case("The materialization", materialization.measure, materialization.report),
    "q": Case("Scoring many features", scoring.measure, scoring.report),
    "r": Case("Publishing", publishing.measure, publishing.report),
    "s": Case("Several segmentations", at_once.measure, at_once.report),
    "v": Case("Vectors", vectors.measure, vectors.report),
    **{
        name: Case(f"Whole job on Spark, {job.full_size:,} {job.kind}", job.measure, job.report)
        for name, job in spark.JOBS.items()
    },
    "spark-growth": Case("Growth on Spark, and on paper", spark_growth.measure, spark_growth.report),
    "billion": Case("A billion customers", billion.measure, billion.report),
}
DEFAULT = [name for name in CASES if name != "billion" and not name.startswith("spark-")]
