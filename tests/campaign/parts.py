"""The register of the parts: each is a file of its name, and a line here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tests.campaign import fuzz_library, kills
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
    "fuzz_library": Part("{} tables of every shape through the library", fuzz_library.run, 1000, 20),
}
