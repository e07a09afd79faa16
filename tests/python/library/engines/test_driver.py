"""Small tables of a build on Spark, which DuckDB holds in the driver's process."""

from __future__ import annotations

import pyarrow as pa
import pytest

from mallard.engines.spark.driver import driver_of, forget
from mallard.errors import QueryError


def test_statements_run_here_as_long_as_they_read_small_tables_alone() -> None:
    driver = driver_of("shop_a")
    driver.run("create or replace temp table mallard__segments as select 1 as segment_id union all select 2")
    assert driver.can_run("select * from mallard__segments")
    assert not driver.can_run("select * from mallard__segments join mallard__customers using (segment_id)")
    assert driver.can_run("with mallard__customers as (select 3 as id) select * from mallard__customers")
    assert driver.run("select sum(segment_id) from mallard__segments").fetchall() == [(3,)]
    forget("shop_a")


def test_a_model_has_small_tables_of_its_own_until_they_are_forgotten() -> None:
    driver_of("shop_a").write("mallard__beside", pa.table({"segment_id": [1, 2]}))
    assert driver_of("shop_a").relation("mallard__beside").fetchall() == [(1,), (2,)]
    assert not driver_of("shop_b").can_run("select * from mallard__beside")
    forget("shop_a")
    assert not driver_of("shop_a").can_run("select * from mallard__beside")
    forget("shop_a")
    forget("shop_b")


def test_a_statement_that_fails_is_refused_in_one_line() -> None:
    with pytest.raises(QueryError, match=r"^[^\n]*no such customer[^\n]*$"):
        driver_of("shop_a").run("select error('no such customer')")
    forget("shop_a")
