"""Number of rows and of runs."""

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
    """Settings from the command line.

    Attributes:
        scale: divisor of the numbers of rows.
        runs: maximum number of runs per contestant.
        budget: seconds after which a contestant isn't run again.
        memory_limit: memory limit of DuckDB in Mallard's runs.
        folder: folder of the results.
        workers: processes in which everything runs.
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
        """Run the contestants in turn, for several rounds, so that a slow minute of the machine affects all of them.

        Args:
            contestants: functions to call with the number of the run.

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
                print(f"  {name}, run {run + 1}: {seconds:.1f} s with start-up and imports", file=sys.stderr)
        return found
