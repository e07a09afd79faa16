"""Texts of customers in DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from mallard.engines.duckdb.session import columns_of
from mallard.errors import MallardError
from mallard.kmeans.points import Labels
from mallard.sql.text import exact_text, folded, quoted
from mallard.stopping import seam

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyRelation

BATCH_ROWS = 2**14


class CustomerTexts:
    """The texts of customers. A customer's place is that of the id among all ids, in order.

    Blank ids and texts count as missing. Accents are parts of their letters, as Unicode's composed form has them.

    Attributes:
        n_of_nobody: number of texts without a customer, or by one who isn't observed.
    """

    def __init__(
        self, texts: DuckDBPyRelation, customer_id: str, text: str, customers: DuckDBPyRelation | None = None
    ) -> None:
        """Look at the texts.

        Args:
            customers: all who are observed. Default: those with a row among the texts.

        Raises:
            MallardError: a column is missing, or isn't text.
        """
        observed = texts if customers is None else customers
        _check_column(texts, text, "varchar")
        for relation in (texts, observed):
            _check_column(relation, customer_id)
        ids = f"{quoted(customer_id)} as customer_id, {exact_text(quoted(customer_id))} as exact_id"
        self._places = (
            observed.project(ids)
            .filter("trim(exact_id) <> ''")
            .distinct()
            .project("customer_id, exact_id, row_number() over (order by customer_id asc, exact_id asc) - 1 as place")
        )
        self._texts = (
            texts.project(f"{ids}, nfc_normalize({quoted(text)}) as text")
            .filter("trim(text) <> ''")
            .set_alias("texts")
            .join(self._places.set_alias("places"), "exact_id", how="left")
            .project("coalesce(place, -1) as place, text")
        )
        [(self.n_of_nobody,)] = self._texts.aggregate("count(*) filter (place = -1)").fetchall()

    def sorted(self) -> tuple[Labels, list[str]]:
        """The place of the customer of each text, or -1, and the texts, in an order that depends on nothing else."""
        found = self._texts.order("encode(text) asc, place asc").to_arrow_table()
        return found["place"].to_numpy(), found["text"].to_pylist()

    def batches(self) -> Iterator[tuple[Labels, list[str]]]:
        """Yield the same for the texts of customers, customer by customer."""
        of_customers = self._texts.filter("place >= 0").order("place asc, encode(text) asc")
        for batch in of_customers.to_arrow_reader(BATCH_ROWS):
            seam()
            yield batch["place"].to_numpy(), batch["text"].to_pylist()

    def ids(self) -> pa.ChunkedArray:
        """The ids of the customers, by their places."""
        return self._places.order("place asc").to_arrow_table()["customer_id"]


def _check_column(relation: DuckDBPyRelation, name: str, kind: str | None = None) -> None:
    found = [column for column in columns_of(relation) if folded(column.name) == folded(name)]
    if not found:
        raise MallardError(
            f"there is no column {name} among {', '.join(relation.columns)}: name the one that is meant."
        )
    if kind not in (None, found[0].kind):
        raise MallardError(f"column {name} is {found[0].kind.upper()}: name a column of type {str(kind).upper()}.")
