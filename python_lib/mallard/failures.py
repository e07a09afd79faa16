"""What to say of failures that are nobody's mistake: no memory, a package that can't be imported, Ctrl-C."""

from __future__ import annotations

from mallard.errors import shortened
from mallard.stopping import StoppedError

OUT_OF_MEMORY = {"MemoryError", "OutOfMemoryException", "ResourceExhaustedError"}
"""Classes of Python and NumPy, of DuckDB, and of TensorFlow, by name: to say that memory ran out, none is imported."""
DISTRIBUTIONS = {
    "tensorflow": "tensorflow-cpu, or any other distribution of TensorFlow",
    "sklearn": "scikit-learn",
    "dbt": "dbt-core dbt-duckdb",
    "yaml": "dbt-core dbt-duckdb",
    **dict.fromkeys(("altair", "jinja2", "vl_convert"), "'dbt-mallard[report]'"),
    **dict.fromkeys(("onnx", "sqlglot"), "'dbt-mallard[export]'"),
}
"""What to install for a package whose distribution has another name, or several."""


def explanation(failure: BaseException) -> str | None:
    """What happened and what to do about it; None of failures that only a programmer understands."""
    if OUT_OF_MEMORY & {kind.__name__ for kind in type(failure).__mro__}:
        return (
            f"the memory ran out ({_first_line(failure)}): cluster fewer points (compression: coreset, max_points: "
            "20000), give DuckDB less of the memory (memory_limit, under settings in profiles.yml), or use a machine "
            "with more."
        )
    if isinstance(failure, ModuleNotFoundError):
        package = _package(failure)
        return f"the Python package {package} isn't installed here: pip install {DISTRIBUTIONS.get(package, package)}"
    if isinstance(failure, ImportError):
        package = _package(failure)
        return (
            f"the Python package {package} can't be imported ({_first_line(failure)}): install it anew, in a version "
            f"that fits the others: pip install --force-reinstall {DISTRIBUTIONS.get(package, package)}"
        )
    return None


def was_interrupted(failure: BaseException) -> bool:
    """Whether somebody stopped the work, with Ctrl-C for example.

    DuckDB answers Ctrl-C during a query with an error of its own.
    """
    is_of_query = type(failure) is RuntimeError and str(failure) == "Query interrupted"
    return is_of_query or isinstance(failure, KeyboardInterrupt | StoppedError)


def _package(failure: ImportError) -> str:
    return (failure.name or "that it needs").partition(".")[0]


def _first_line(failure: BaseException) -> str:
    lines = str(failure).strip().splitlines()
    return shortened(lines[0].rstrip(" .:")) if lines else type(failure).__name__
