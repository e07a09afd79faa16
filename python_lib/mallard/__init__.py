"""Mallard: customer segmentation inside the warehouse.

Importing this package loads neither TensorFlow nor scikit-learn; the first use of `KMeans` does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mallard.errors import MallardError

if TYPE_CHECKING:
    from mallard.estimator.kmeans import KMeans

__version__ = "0.2.0"
__all__ = ["KMeans", "MallardError"]


def __getattr__(name: str) -> object:
    if name == "KMeans":
        from mallard.estimator.kmeans import KMeans

        return KMeans
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
