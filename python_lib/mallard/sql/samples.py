"""SQL for a sample of rows that depends on their values alone, not on their order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mallard.sql.text import quoted


def shuffled_sample_sql(table: str, columns: Sequence[str], n_rows: int, random_state: int) -> str:
    """At most `n_rows` of the rows with a value in every column, in an order like that of shuffled cards.

    Equal rows are numbered, so that they are drawn each for itself, as others are.
    """
    names = ", ".join(map(quoted, columns))
    is_known = " and ".join(f"{quoted(column)} is not null" for column in columns)
    in_order = ", ".join(f"{quoted(column)} asc" for column in columns)
    salt = np.random.RandomState(random_state).randint(2**63, dtype=np.int64)
    return (
        f"select {names} from ("
        f'select {names}, row_number() over (partition by {names}) as "mallard__copy" from {table} where {is_known}'
        f') order by hash(xor(hash({names}, "mallard__copy"), cast({salt} as ubigint))) asc, {in_order} limit {n_rows}'
    )
