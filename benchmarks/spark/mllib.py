"""The whole job by MLlib, as an analyst would write it: scale, try every k, choose by the silhouette, write back."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks.datasets import Dataset
from benchmarks.process_tree import cpu_seconds, peak_memory
from benchmarks.spark.session import SCHEMA, started


def whole_job(dataset: Dataset, n_clusters: tuple[int, int], seed: int) -> dict[str, Any]:
    """Run the job once, in a session that has just started.

    Args:
        n_clusters: the smallest and the largest k.

    Returns:
        Seconds and CPU seconds of the job, the peak memory by program, and the centroids of every k in the units of the
        table.
    """
    from pyspark.ml.clustering import KMeans
    from pyspark.ml.evaluation import ClusteringEvaluator
    from pyspark.ml.feature import StandardScaler, VectorAssembler

    session = started(dataset)
    began, cpu_before = time.perf_counter(), cpu_seconds()
    customers = session.table(f"{SCHEMA}.customers")
    assembled = VectorAssembler(inputCols=dataset.features, outputCol="assembled").transform(customers)
    scaler = StandardScaler(inputCol="assembled", outputCol="features", withMean=True).fit(assembled)
    scaled = scaler.transform(assembled).drop("assembled").cache()
    evaluator = ClusteringEvaluator()
    models, silhouettes = {}, {}
    for k in range(n_clusters[0], n_clusters[1] + 1):
        models[k] = KMeans(k=k, seed=seed).fit(scaled)
        silhouettes[k] = evaluator.evaluate(models[k].transform(scaled))
    chosen = max(silhouettes, key=silhouettes.__getitem__)
    labelled = models[chosen].transform(scaled)
    labelled.selectExpr("customer_id", *dataset.features, "prediction + 1 as segment_id").write.saveAsTable(
        f"{SCHEMA}.customer_labels"
    )
    seconds, cpu = time.perf_counter() - began, cpu_seconds() - cpu_before
    mean, deviation = scaler.mean.toArray(), scaler.std.toArray()
    centroids = {k: (np.array(model.clusterCenters()) * deviation + mean).tolist() for k, model in models.items()}
    memory = peak_memory()
    session.stop()
    return {"seconds": seconds, "cpu_seconds": cpu, "memory": memory, "centroids": centroids}
