"""Runs parts of the campaign, and writes a table of the latest figures of all parts."""

from __future__ import annotations

import argparse
import datetime
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.machine import machine
from tests.campaign.page import PAGE, RESULTS, write_page
from tests.campaign.parts import PARTS


def main() -> int:
    arguments = _arguments()
    folder = Path(tempfile.mkdtemp(prefix="mallard-campaign-"))
    has_faults = False
    for name in arguments.part or PARTS:
        part = PARTS[name]
        amount = arguments.amount or (part.quick if arguments.quick else part.full)
        print(f"{name}: {part.title.format(amount)}", file=sys.stderr, flush=True)
        began = time.monotonic()
        figures = part.run(folder / name, amount)
        for what, figure in figures.rows.items():
            print(f"  {what}: {figure}")
        for fault in figures.faults:
            print(f"  FAULT {fault}")
        has_faults |= bool(figures.faults)
        if not arguments.quick:
            result = {
                "date": f"{datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC",
                "amount": amount,
                "seconds": round(time.monotonic() - began),
                "machine": machine(),
                "rows": {what: str(figure) for what, figure in figures.rows.items()},
                "faults": list(figures.faults),
            }
            results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
            RESULTS.write_text(json.dumps(results | {name: result}, indent=1, sort_keys=True) + "\n")
            write_page()
            print(PAGE)
    if not has_faults:
        shutil.rmtree(folder, ignore_errors=True)
    return int(has_faults)


def _arguments() -> argparse.Namespace:
    parts = [f"  {name:14} {part.title.format(part.full)}" for name, part in PARTS.items()]
    parser = argparse.ArgumentParser(
        prog="python -m tests.campaign",
        description="\n".join([__doc__ or "", "", "parts:", *parts]),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("part", nargs="*", choices=[[], *PARTS], help="default: all", metavar="part")
    parser.add_argument("--quick", action="store_true", help="small numbers, and no page")
    parser.add_argument("--amount", type=int, help="how often, in place of the part's own number")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
