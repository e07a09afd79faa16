"""The register of scales: how a numeric feature is made comparable with others.

Here is what a scale means and which values it refuses; `macros/scaling/_scales.sql` has the SQL of each, under the same
name.
"""

from __future__ import annotations

from typing import NamedTuple


class Scale(NamedTuple):
    """A scale.

    Attributes:
        formula: what it makes of a value x.
        above: every value must lie above this bound; None if any value will do.
        domain: the reason for the bound.
    """

    formula: str
    above: float | None = None
    domain: str = ""


SCALES = {
    "standard": Scale("(x - mean) / population standard deviation"),
    "minmax": Scale("(x - min) / (max - min)"),
    "robust": Scale("(x - median) / interquartile range"),
    "log1p+standard": Scale("standard, of ln(1 + x)", above=-1, domain="ln(1 + x) needs values above -1"),
    "none": Scale("x itself"),
}
"""By the value of the setting `scale`."""
