from __future__ import annotations

from collections.abc import Callable

import pytest

HEAVY = ("tensorflow", "keras", "sklearn", "pandas", "duckdb", "pyspark", "rich", "altair")


def test_importing_mallard_loads_nothing_heavy(run_python: Callable[..., str]) -> None:
    script = f"import sys, mallard; print([name for name in {HEAVY} if name in sys.modules])"
    assert run_python(script) == "[]\n"


def test_help_loads_nothing_heavy(run_python: Callable[..., str]) -> None:
    script = f"import sys, mallard.cli; print([name for name in {HEAVY} if name in sys.modules])"
    assert run_python(script) == "[]\n"


@pytest.mark.slow
def test_kmeans_is_loaded_when_it_is_asked_for(run_python: Callable[..., str]) -> None:
    script = f"import sys, mallard; print(mallard.KMeans, [name for name in {HEAVY[:2]} if name in sys.modules])"
    assert run_python(script) == "<class 'mallard.estimator.kmeans.KMeans'> ['tensorflow']\n"


def test_a_name_that_mallard_lacks_is_an_attribute_error() -> None:
    import mallard

    with pytest.raises(AttributeError, match="'mallard' has no attribute 'KMedoids'"):
        _ = mallard.KMedoids


def test_where_tensorflow_is_missing_the_error_says_what_to_install(run_python: Callable[..., str]) -> None:
    script = """
import sys
sys.modules["tensorflow"] = None
try:
    from mallard import KMeans
except ModuleNotFoundError as error:
    print(error.name, error)
"""
    assert "tensorflow mallard needs TensorFlow: pip install tensorflow-cpu" in run_python(script)


OF_TENSORFLOW = ("TF_USE_LEGACY_KERAS", "TF_CPP_MIN_LOG_LEVEL", "TF_ENABLE_ONEDNN_OPTS")


@pytest.mark.slow
@pytest.mark.parametrize("before", [None, "0"])
def test_importing_tensorflow_leaves_the_environment_as_it_was(
    run_python: Callable[..., str], before: str | None
) -> None:
    script = f"import os, mallard.kmeans._tensorflow; print([os.environ.get(name) for name in {OF_TENSORFLOW}])"
    assert run_python(script, **dict.fromkeys(OF_TENSORFLOW, before)) == f"{[before] * 3}\n"


@pytest.mark.slow
@pytest.mark.parametrize("is_quiet", [True, False])
def test_from_import_to_predict_nothing_is_written_unless_the_user_asks_for_it(
    run_python: Callable[..., str], is_quiet: bool
) -> None:
    script = """
import os
os.dup2(1, 2)  # C++ writes to stderr by its number
from mallard import KMeans
KMeans(2, random_state=0).fit([[1.0], [2.0], [9.0]]).predict([[3.0]])
"""
    of_user = None if is_quiet else "0"
    said = run_python(script, TF_CPP_MIN_LOG_LEVEL=of_user, TF_ENABLE_ONEDNN_OPTS=None)
    assert (said == "") is is_quiet
