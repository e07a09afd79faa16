"""What segments are called once they have ids that stay."""

from __future__ import annotations

from collections.abc import Sequence


def names_beside(kept: Sequence[str | None], rule_names: Sequence[str | None], ids: Sequence[int]) -> list[str | None]:
    """The names that are kept, and for the other segments the rule's; with the id of the segment if that is taken.

    Capitals don't tell two names apart.

    Args:
        kept: the name that goes with the id that each segment keeps; None for a new id.
        rule_names: what the rule calls each today; None where features have no names.
        ids: the id of each.
    """
    taken = {name.lower() for name in kept if name is not None}
    return [
        name or (f"{rule_name} ({segment})" if rule_name is not None and rule_name.lower() in taken else rule_name)
        for name, rule_name, segment in zip(kept, rule_names, ids, strict=True)
    ]
