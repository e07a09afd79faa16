"""The register of the parts: each is a file of its name, and a line here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.campaign import fuzz_dbt, fuzz_library, hostile_names, kills, places, readers, two_years
from tests.campaign.figures import Figures


class Part(NamedTuple):
    """A part of the campaign.

    Attributes:
        title: what it does, with `{}` for how often.
        run: it, in a folder of its own, so often.
        full: how often in the campaign.
        quick: how often in the tests.
    """

    title: str
    run: Callable[[Path, int], Figures]
    full: int
    quick: int


PARTS = {
    "kills": Part("{} kills at random moments of builds", kills.run, 200, 3),
    "two_years": Part("{} months of a shop", two_years.run, 24, 3),
    "readers": Part("{} builds under the eyes of ten readers", readers.run, 100, 1),
    "fuzz_library": Part("{} tables of every shape through the library", fuzz_library.run, 1000, 20),
    "fuzz_dbt": Part("{} tables of every kind through dbt", fuzz_dbt.run, 40, 1),
    "places": Part("{} kinds of places and machines that are too small", places.run, len(places.TROUBLES), 1),
    "hostile_names": Part("{} names that are taken for something else", hostile_names.run, len(hostile_names.PATHS), 1),
}
