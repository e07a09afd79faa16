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
    "asinh+standard": Scale(
        "standard, of asinh(x / u), a logarithm for values of any unit and sign; u is the first quartile of the "
        "absolute values that aren't 0"
    ),
    "category": Scale(
        "x / the square root of the total variance of all features of the column, so that together they count as one "
        "standardised number"
    ),
    "none": Scale("x itself"),
}
"""By their names in tables; of these, the setting `scale` may name all but that of categories."""

AUTO = "auto"
CATEGORY = "category"
CHOICES = {
    AUTO: "for each number by its shape, `standard` where it is roughly symmetric, and `asinh+standard` where the "
    "skewness exceeds 1 in size, as that of money, counts and days since",
    **{name: scale.formula for name, scale in SCALES.items() if name != CATEGORY},
}
"""The values of the setting `scale`, with their meaning."""
