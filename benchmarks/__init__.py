"""Benchmarks of Mallard and its peers: `python -m benchmarks` writes RESULTS.md."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "python_lib"))  # where mallard is
