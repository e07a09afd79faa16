from collections.abc import Iterator

import pytest
from tests.spark_cluster.cluster import Cluster, cluster


@pytest.fixture(scope="session")
def spark_cluster() -> Iterator[Cluster]:
    """A master, two workers and a Connect server on this machine."""
    with cluster() as running:
        yield running
