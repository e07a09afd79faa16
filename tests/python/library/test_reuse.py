"""When the rows that a Python model has already are what it would make, and when they aren't."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from mallard.steps import reuse
from mallard.steps.reuse import reused

CUSTOMERS = "(values (1, 1.0, 2.0), (2, 1.0, 2.0), (3, 5.0, 6.0)) as given(id, scaled_x, scaled_y)"
COLUMNS = ("scaled_x", "scaled_y")


class _Model:
    """A model whose table is called mart; `made` counts how often it made rows."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.made = 0

    def build(
        self, customers: str = CUSTOMERS, columns: Sequence[str] = COLUMNS, settings: Any = None
    ) -> list[tuple[Any, ...]]:
        def make() -> pa.Table:
            self.made += 1
            return pa.table({"n_clusters": [self.made, 7], "borders": [[{"depth": 0.5}], None]})

        relation = self.connection.sql(f"select * from {customers}")
        self.connection.register("rows", reused(relation, columns, settings or {"n_clusters": 2}, "mart", make))
        self.connection.execute("create or replace table mart as select * from rows")
        return self.connection.execute("select n_clusters, borders from mart").fetchall()


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> _Model:
    monkeypatch.setattr(reuse, "is_full_refresh", lambda: False)
    return _Model()


def test_the_same_customers_with_the_same_settings_keep_their_rows(model: _Model) -> None:
    first = model.build()
    assert first == [(1, [{"depth": 0.5}]), (7, None)]
    assert model.build() == first
    assert model.build(CUSTOMERS.replace("values", "values (9, null, 2.0),")) != first
    assert model.made == 2


@pytest.mark.parametrize(
    "customers",
    [
        "(values (3, 5.0, 6.0), (1, 1.0, 2.0), (2, 1.0, 2.0)) as given(id, scaled_x, scaled_y)",  # another order
        "(values (7, 1.0, 2.0), (8, 1.0, 2.0), (9, 5.0, 6.0)) as given(id, scaled_x, scaled_y)",  # other ids
    ],
)
def test_what_the_rows_dont_depend_on_makes_none_anew(model: _Model, customers: str) -> None:
    model.build()
    model.build(customers)
    assert model.made == 1


@pytest.mark.parametrize(
    ("customers", "columns", "settings"),
    [
        ("(values (1, 1.0, 2.0), (2, 1.0, 2.0), (3, 5.0, 6.5)) as given(id, scaled_x, scaled_y)", COLUMNS, None),
        # Two that are alike become two others that are alike.
        ("(values (1, 4.0, 2.0), (2, 4.0, 2.0), (3, 5.0, 6.0)) as given(id, scaled_x, scaled_y)", COLUMNS, None),
        ("(values (1, 2.0, 1.0), (2, 2.0, 1.0), (3, 6.0, 5.0)) as given(id, scaled_x, scaled_y)", COLUMNS, None),
        ("(values (1, 1.0, 2.0), (3, 5.0, 6.0)) as given(id, scaled_x, scaled_y)", COLUMNS, None),
        (CUSTOMERS, ("scaled_x",), None),
        (CUSTOMERS, COLUMNS, {"n_clusters": 3}),
    ],
)
def test_other_input_makes_rows_anew(model: _Model, customers: str, columns: Sequence[str], settings: Any) -> None:
    model.build()
    model.build(customers, columns, settings)
    assert model.made == 2


def test_other_code_makes_rows_anew(model: _Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    (tmp_path / "flow.py").write_text("MORE = 10\n")
    monkeypatch.setattr(reuse, "LIBRARY", tmp_path)
    model.build()
    (tmp_path / "flow.py").write_text("MORE = 11\n")
    model.build()
    monkeypatch.setattr(reuse, "version", lambda package: f"{package} 9")
    model.build()
    assert model.made == 3


def test_a_full_refresh_makes_rows_anew(model: _Model, monkeypatch: pytest.MonkeyPatch) -> None:
    model.build()
    monkeypatch.setattr(reuse, "is_full_refresh", lambda: True)
    assert model.build() == [(2, [{"depth": 0.5}]), (7, None)]


@pytest.mark.parametrize(
    "there",
    [
        "create table mart as select 1 as n_clusters",
        "create table mart as select 1 as n_clusters, null as input_fingerprint",
        "create view mart as select 1 as n_clusters, 'another' as input_fingerprint",
    ],
)
def test_a_table_of_other_rows_is_no_table_of_these(model: _Model, there: str) -> None:
    model.connection.execute(there)
    relation = model.connection.sql(f"select * from {CUSTOMERS}")
    rows = reused(relation, COLUMNS, {}, "mart", lambda: pa.table({"n_clusters": [2]}))
    assert rows.column("n_clusters").to_pylist() == [2]


def test_without_the_table_of_the_model_rows_are_always_new(model: _Model) -> None:
    def make(value: int) -> Callable[[], pa.Table]:
        return lambda: pa.table({"n_clusters": [value]})

    relation = model.connection.sql(f"select * from {CUSTOMERS}")
    for value in (2, 3):
        rows = reused(relation, COLUMNS, {}, None, make(value))
        assert rows.to_pylist() == [{"n_clusters": value, "input_fingerprint": None}]
