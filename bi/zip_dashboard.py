"""Zip the sample dashboard so that Superset can import it: python3 bi/zip_dashboard.py PUBLISHED_FILE ZIP_FILE."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

DASHBOARD = Path(__file__).with_name("superset")
PLACEHOLDER = "/path/to/published/mallard.duckdb"
"""Path of the published file in the database of the dashboard."""


def zip_dashboard(published_file: Path, zip_file: Path) -> None:
    """Write a zip that Superset can import, with the published file as its database."""
    zip_file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(zip_file, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in sorted(DASHBOARD.rglob("*.yaml")):
            text = part.read_text(encoding="utf-8").replace(PLACEHOLDER, published_file.resolve().as_posix())
            archive.writestr(part.relative_to(DASHBOARD.parent).as_posix(), text)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    zip_dashboard(Path(sys.argv[1]), Path(sys.argv[2]))
