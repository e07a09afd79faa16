"""Tables of Spark on their way into the published file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mallard.engines.spark import parquet
from mallard.errors import MallardError
from mallard.publish.from_spark import copied_from_spark
from mallard.publish.place import Place, find_place
from mallard.publish.publish import Table

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return find_place("published/shop.duckdb", tmp_path)


def _tables(spark: SparkSession) -> Sequence[Table]:
    spark.sql("create schema if not exists `a_shop`")
    spark.sql("create or replace view `a_shop`.`customers` as select id, 'x' as word from range(3)")
    return [Table("", "a_shop", "customers", "who buys", {"id": "number"})]


def test_duckdb_reads_what_spark_wrote_and_nothing_is_left(spark: SparkSession, place: Place) -> None:
    left = place.unfinished(place.file.with_suffix(".parquet")).with_name(".shop.parquet.99999999.tmp")
    left.mkdir(parents=True)
    with copied_from_spark(spark, _tables(spark), place) as (connection, [table]):
        rows = connection.execute(f'from "{table.database}"."{table.schema}"."{table.name}" order by id').fetchall()
    assert rows == [(0, "x"), (1, "x"), (2, "x")]
    assert (table.description, table.columns) == ("who buys", {"id": "number"})
    assert list(place.file.parent.iterdir()) == []


def test_executors_that_write_elsewhere_are_named(
    spark: SparkSession, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "write_parquet", lambda *_: None)
    with (
        pytest.raises(MallardError, match=r"write into another folder .*, or set mallard_publish to {}"),
        copied_from_spark(spark, _tables(spark), place),
    ):
        pass


def test_dbt_on_duckdb_imports_nothing_of_spark(run_python: Callable[..., str]) -> None:
    code = (
        "import sys, dbt.adapters.duckdb, dbt_mallard; dbt_mallard.MallardPlugin('shop').initialize(); "
        "print([name for name in sys.modules if name in ('pyspark', 'mallard', 'dbt.adapters.spark')])"
    )
    assert run_python(code).splitlines()[-1] == "[]"
