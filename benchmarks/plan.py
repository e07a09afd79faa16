"""How much is measured, and how often."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.workers import Workers

Result = TypeVar("Result")

CACHE = Path(__file__).parent / ".cache"


@dataclass(frozen=True)
class Plan:
    """What the command line says.

    Attributes:
        scale: by what the numbers of rows are divided.
        runs: of each contestant, at most.
        budget: seconds after which a contestant isn't run again.
        memory_limit: of DuckDB in Mallard's runs.
        folder: where the results go.
        workers: where everything runs.
    """

    scale: int
    runs: int
    budget: float
    memory_limit: str
    folder: Path
    workers: Workers

    def rows(self, full_size: int) -> int:
        return full_size // self.scale

    def settings(self) -> dict[str, Any]:
        return {"scale": self.scale, "runs": self.runs, "budget": self.budget, "memory_limit": self.memory_limit}

    def rounds(self, contestants: Mapping[str, Callable[[int], Result]]) -> dict[str, list[Result]]:
        """Every contestant in turn, again and again, so that a slow minute of the machine hits them all.

        Args:
            contestants: what to call with the number of the run.

        Returns:
            The results of each contestant, at least one.
        """
        found: dict[str, list[Result]] = {name: [] for name in contestants}
        spent = dict.fromkeys(contestants, 0.0)
        for run in range(self.runs):
            for name, contestant in contestants.items():
                if spent[name] > self.budget:
                    continue
                started = time.perf_counter()
                found[name].append(contestant(run))
                seconds = time.perf_counter() - started
                spent[name] += seconds
                print(f"  {name}, run {run + 1}: {seconds:.1f} s with start and imports", file=sys.stderr)
        return found
