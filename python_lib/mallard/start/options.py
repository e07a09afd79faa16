"""What a person says about a table, in place of what its names say."""

from __future__ import annotations

from typing import NamedTuple


class Options(NamedTuple):
    """The columns that play a part, by their names, and what a row of the segmentation is called; None if not said."""

    customer_id: str | None = None
    ordered_at: str | None = None
    amount: str | None = None
    order_id: str | None = None
    entity: str | None = None

    @property
    def are_of_orders(self) -> bool:
        """Whether only a table of orders has such columns."""
        return bool(self.ordered_at or self.amount or self.order_id)
