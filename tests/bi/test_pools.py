"""What SQLAlchemy's pools of connections see when the file behind them is replaced."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest
import sqlalchemy
from sqlalchemy.pool import NullPool, Pool, QueuePool


def _replace(file: Path, n_segments: int) -> None:
    """As publishing does it: a new file takes the name of the old one."""
    unfinished = file.with_suffix(".tmp")
    with duckdb.connect() as connection:
        connection.execute(f"attach '{unfinished}' as new (storage_version 'v1.0.0')")
        connection.execute(f"create table new.segment_profiles as select unnest(range({n_segments})) as segment_id")
    os.replace(unfinished, file)


@pytest.mark.parametrize(("pool", "seen"), [(NullPool, 3), (QueuePool, 5)])
def test_a_pool_that_keeps_connections_keeps_the_old_file(tmp_path: Path, pool: type[Pool], seen: int) -> None:
    file = tmp_path / "mallard.duckdb"
    _replace(file, 5)
    engine = sqlalchemy.create_engine(f"duckdb:///{file}", connect_args={"read_only": True}, poolclass=pool)

    def count() -> int:
        with engine.connect() as connection:
            return connection.execute(sqlalchemy.text("select count(*) from segment_profiles")).scalar_one()

    assert count() == 5
    _replace(file, 3)
    assert count() == seen
    engine.dispose()
    assert count() == 3
    engine.dispose()
