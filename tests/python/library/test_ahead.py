"""TensorFlow is imported while the warehouse works, if a fit is certain to come, and not at all if none will."""

from __future__ import annotations

import json
from collections.abc import Callable

PLANNED = """
import json, sys, threading
import duckdb
from mallard.steps.segmentation import write_plan

connection = duckdb.connect()
customers = "select i as id, i % 7 as x, i % 5 as y from range(40) as t(i)"
connection.execute(f"create temp table mallard__customers as {{customers}}")
write_plan(
    connection,
    meta={{"id": "id"}},
    config=[],
    beside=[],
    added=[],
    starts=None,
    fitted={fitted},
    lost=[],
    full_refresh=False,
)
for thread in threading.enumerate():
    if thread is not threading.current_thread():
        thread.join()
[(plan, reason, matters)] = connection.execute("select plan, reason, matters from mallard__plan").fetchall()
print(json.dumps([{{"plan": plan, "matters": matters}}, reason, "tensorflow" in sys.modules]))
"""


def test_a_plan_to_fit_imports_tensorflow_and_a_plan_to_score_does_not(run_python: Callable[..., str]) -> None:
    fitted, reason, is_imported = json.loads(run_python(PLANNED.format(fitted=None)))
    assert reason is not None
    assert is_imported
    _, reason, is_imported = json.loads(run_python(PLANNED.format(fitted=fitted)))
    assert reason is None
    assert not is_imported
