"""A number for every row that looks drawn at random, and depends on its values and a seed alone."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import kstest

from mallard.sql.columns import Scaled
from mallard.sql.evenness import EVEN, even_sql

N = 20_000
VALUES = {
    "normal": np.random.default_rng(0).normal(size=N),
    "whole": np.arange(N, dtype=float),
    "close to each other": 1e6 + np.arange(N) / 1e3,
    "small": np.arange(1, N + 1) * 1e-12,
    "large": np.arange(1, N + 1) * 1e15,
    "negative": -np.arange(1.0, N + 1),
}


def _even(table: pa.Table, seed: int = 0) -> np.ndarray:
    """The numbers, in the order of the rows."""
    columns = [
        Scaled(name, kind.list_size if pa.types.is_fixed_size_list(kind) else None)
        for name, kind in zip(table.column_names, table.schema.types, strict=True)
    ]
    with duckdb.connect() as connection:
        connection.register("rows", table.append_column("place", pa.array(range(len(table)))))
        found = connection.execute(
            f"select {EVEN} from ({even_sql('select * from rows', columns, seed)}) order by place"
        )
        return np.asarray(found.fetchnumpy()[EVEN])


@pytest.mark.parametrize("shape", VALUES)
def test_numbers_are_spread_evenly(shape: str) -> None:
    found = _even(pa.table({"x": VALUES[shape]}))
    assert found.min() >= 0
    assert found.max() < 1
    assert kstest(found, "uniform").pvalue > 1e-3
    assert len(np.unique(found)) > 0.99 * N


@pytest.mark.parametrize("shape", VALUES)
def test_they_have_nothing_to_do_with_the_values_nor_with_their_neighbours(shape: str) -> None:
    """Within four standard errors."""
    found = _even(pa.table({"x": VALUES[shape]}))[np.argsort(VALUES[shape])]
    assert abs(np.corrcoef(found, np.arange(N))[0, 1]) < 4 / np.sqrt(N)
    assert abs(np.corrcoef(found[1:], found[:-1])[0, 1]) < 4 / np.sqrt(N)


def test_two_seeds_have_nothing_to_do_with_each_other() -> None:
    numbers = [_even(pa.table({"x": VALUES["normal"]}), seed) for seed in (0, 1, 2)]
    between = np.corrcoef(numbers)[np.triu_indices(3, 1)]
    assert np.all(np.abs(between) < 4 / np.sqrt(N))


def test_every_column_counts() -> None:
    one = pa.table({"x": np.zeros(N), "y": VALUES["whole"]})
    assert kstest(_even(one), "uniform").pvalue > 1e-3
    assert not np.allclose(_even(one), _even(pa.table({"x": VALUES["whole"], "y": np.zeros(N)})))


def test_the_order_of_the_rows_changes_no_bit_and_equal_rows_are_equal() -> None:
    order = np.random.default_rng(1).permutation(N)
    rows = pa.table({"x": np.repeat(VALUES["normal"][: N // 4], 4), "y": np.repeat(VALUES["whole"][: N // 4], 4)})
    found = _even(rows)
    np.testing.assert_array_equal(_even(rows.take(pa.array(order))), found[order])
    assert np.all(found.reshape(-1, 4) == found[::4, None])


def test_the_last_bits_of_a_value_do_not_count() -> None:
    """Engines differ in the last bit of a logarithm."""
    values = VALUES["normal"]
    same = _even(pa.table({"x": values})) == _even(pa.table({"x": np.nextafter(values, np.inf)}))
    assert np.mean(same) > 0.99


def test_vectors_are_told_apart() -> None:
    vectors = np.random.default_rng(2).normal(size=(N, 3))
    found = _even(pa.table({"v": pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), 3)}))
    assert kstest(found, "uniform").pvalue > 1e-3
    assert len(np.unique(found)) > 0.99 * N
