"""What usual columns of customers mean, by patterns of their names and labels."""

from __future__ import annotations

import re

TENURE, ABSENCE, GAP, FREQUENCY, AGE = "tenure", "absence", "gap", "frequency", "age"
DISCOUNT, MEANS, VALUE = "discount", "means", "value"
PATTERNS = {
    TENURE: r"tenure|days since (the )?(first|sign|join|regist)|(account|customer|membership) age",
    GAP: r"(days|weeks|months|time|gap) between|between orders|(order|purchase|visit) (interval|gap)",
    ABSENCE: r"recency(?! (score|rank|group))|days since|since (the )?last|days ago|inactiv|dormant",
    FREQUENCY: r"^frequency$|(order|purchase|visit|buying) frequency",
    AGE: r"^age$|\bage (in )?years$",
    DISCOUNT: r"discount|coupon|voucher|promo",
    MEANS: r"income|salary|wealth|budget",
    VALUE: r"spend|spent|score|revenue|sales|orders|purchase|amount|monetary|value|basket|visits|frequency|turnover",
}
"""The kinds, and the words by which they are known; the first that fits counts."""


def kind_of(*names: str) -> str | None:
    """The kind of a column; None if it isn't known.

    Args:
        names: its name and its label. A kind that one of them tells comes before a later one that another tells.
    """
    words = [name.lower().replace("_", " ") for name in names]
    return next((kind for kind, pattern in PATTERNS.items() if any(re.search(pattern, of) for of in words)), None)
