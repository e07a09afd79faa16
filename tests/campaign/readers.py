"""Readers of the published file while builds replace it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from sample import ROOT
from tests.campaign import reader
from tests.campaign.figures import Figures
from tests.campaign.shop import Shop

CLIENTS = ROOT / ".venv" / "clients"
"""An old DuckDB, as BI tools embed it."""
N_READERS = 10


def run(folder: Path, amount: int) -> Figures:
    """So many builds under the eyes of ten readers, five of them with an old DuckDB, if it is installed."""
    shop = Shop(folder / "shop")
    stop = folder / "stop"
    faults = _build(shop)
    readers = [_start(shop, stop, is_old=number % 2 == 1 and CLIENTS.exists()) for number in range(N_READERS)]
    try:
        for _ in range(amount):
            faults += _build(shop)
    finally:
        stop.touch()
        saw = [json.loads(process.communicate(timeout=60)[0] or "{}") for process in readers]
    faults += [f"a reader ended with {process.returncode}" for process in readers if process.returncode]
    opens: defaultdict[str, int] = defaultdict(int)
    for one in filter(None, saw):
        opens[f"opens by duckdb {one['duckdb']}"] += one["opens"]
        faults += [f"duckdb {one['duckdb']}: {failure}" for failure in one["failures"]]
    runs = {name for one in saw for name in one.get("runs", [])}
    rows: dict[str, object] = {"builds": amount + 1, "readers": N_READERS, **opens}
    return Figures(rows | {"publications that readers saw": len(runs), "failures": len(faults)}, faults)


def _build(shop: Shop) -> list[str]:
    shop.next_month()
    result = shop.build()
    return [f"month {shop.month}: dbt ended with {result.returncode}"] if result.returncode else shop.mixture()


def _start(shop: Shop, stop: Path, is_old: bool) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.Popen(
        [sys.executable, str(reader.__file__), str(shop.published), str(stop)],
        env=environment | ({"PYTHONPATH": str(CLIENTS)} if is_old else {}),
        stdout=subprocess.PIPE,
        text=True,
    )
