"""Run the given cases, and write a report with the latest results of all cases."""

from __future__ import annotations

import argparse
import datetime
import os
import sys
from pathlib import Path

from benchmarks import results
from benchmarks.cases import CASES, DEFAULT
from benchmarks.machine import machine
from benchmarks.plan import CACHE, Plan
from benchmarks.workers import Workers

FOLDER = Path(__file__).parent
UNWANTED = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "PYTHONDONTWRITEBYTECODE")
"""Environment variables that would slow down some contestants."""
TENSORFLOW = {"TF_CPP_MIN_LOG_LEVEL": "2", "TF_ENABLE_ONEDNN_OPTS": "0"}
"""Variables that mallard sets before it imports TensorFlow; here, TensorFlow may be imported first."""


def main() -> None:
    arguments = _arguments()
    for name in UNWANTED:
        os.environ.pop(name, None)
    os.environ |= TENSORFLOW
    plan = Plan(
        scale=100 if arguments.quick else 1,
        runs=1 if arguments.quick else arguments.runs,
        budget=arguments.budget,
        memory_limit=arguments.memory_limit,
        folder=CACHE / "quick" if arguments.quick else FOLDER,
        workers=Workers(fresh=not arguments.quick),
    )
    plan.folder.mkdir(parents=True, exist_ok=True)
    of_machine = machine()  # before results change what git thinks of the revision
    for name in arguments.case or DEFAULT:
        print(f"{name}: {CASES[name].title}", file=sys.stderr)
        result = {
            "date": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC",
            "command": " ".join(["python -m benchmarks", *sys.argv[1:]]),
            "settings": plan.settings(),
            "machine": of_machine,
            "figures": CASES[name].measure(plan),
        }
        results.store(plan.folder, name, result)
    plan.workers.close()
    print(plan.folder / results.REPORT)


def _arguments() -> argparse.Namespace:
    cases = [f"  {name:8} {case.title}" for name, case in CASES.items()]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="\n".join([__doc__ or "", "", "cases:", *cases]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("case", nargs="*", help=f"default: {' '.join(DEFAULT)}")
    parser.add_argument("--quick", action="store_true", help="a hundredth of the rows, one run, saved in .cache/quick")
    parser.add_argument("--runs", type=int, default=5, help="maximum number of runs per contestant; default: 5")
    parser.add_argument("--budget", type=float, default=120, help="seconds after which none is run again; default: 120")
    parser.add_argument("--memory-limit", default="1GB", help="memory limit of DuckDB in Mallard's runs; default: 1GB")
    arguments = parser.parse_args()
    if unknown := set(arguments.case) - set(CASES):
        parser.error(f"there is no case {', '.join(sorted(unknown))}; choose from {', '.join(CASES)}")
    return arguments


if __name__ == "__main__":
    main()
