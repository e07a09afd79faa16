"""The published file answers which segment a customer would be in, under whatever name it is attached."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from consumer import Consumer
from kinds import KINDS, made_kinds
from sample import ROOT

from mallard.sql.text import literal, quoted

CLIENTS = ROOT / ".venv" / "clients"
QUOTED = "my best customers"
COLUMNS = ["visits", "orders", "revenue"]


def _parameters(features: list[str] | dict[str, Any]) -> list[str]:
    return sorted(features, key=COLUMNS.index) if isinstance(features, dict) else features


PARAMETERS = {
    name: _parameters(settings["features"]) for name, settings in KINDS.items() if "publish" not in settings
} | {QUOTED: ['the "orders" (n)', "revenue"]}


@pytest.fixture(scope="module")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    return made_kinds(tmp_path_factory)


def _differences_sql(name: str) -> str:
    """The number of rows for which the macros say something else than the table."""
    columns = ", ".join(map(quoted, PARAMETERS[name]))
    macros = [f"attached.main.{quoted(f'{name}__{what}')}({columns})" for what in ("segment", "distance")]
    segment, distance = macros
    return (
        f"select count(*), count(*) filter ({segment} is distinct from segment_id "
        f"or ({distance} is null) <> (distance_to_centroid is null) "
        f"or abs({distance} - distance_to_centroid) > 1e-13 * greatest(distance_to_centroid, 1)) "
        f"from attached.main.{quoted(name)}"
    )


@pytest.mark.parametrize("name", PARAMETERS)
def test_the_macros_say_what_the_table_says(kinds: Consumer, name: str) -> None:
    with duckdb.connect() as connection:
        connection.execute(f"attach {literal(str(kinds.path / 'published' / 'shop.duckdb'))} as attached (read_only)")
        if "taste" in PARAMETERS[name]:  # lists are published as text
            connection.execute(f"attach {literal(str(kinds.database))} as warehouse (read_only)")
            query = _differences_sql(name).replace(f"from attached.main.{name}", f"from warehouse.main.{name}")
        else:
            query = _differences_sql(name)
        assert connection.execute(query).fetchall() == [(600, 0)]


def test_one_customer_may_be_asked_for(kinds: Consumer) -> None:
    with duckdb.connect(kinds.path / "published" / "shop.duckdb", read_only=True) as connection:
        [(visits, colour, segment)] = connection.execute(
            "select visits, colour, segment_id from excluded where customer_id = 'c1'"
        ).fetchall()
        orders = "(select orders from excluded where customer_id = 'c1')"
        assert connection.execute(f"select excluded__segment({visits}, {orders}, '{colour}')").fetchall() == [
            (segment,)
        ]
        assert connection.execute(f"select excluded__segment(null, 3, '{colour}')").fetchall() == [(None,)]


def test_there_are_macros_where_centroids_are_published(kinds: Consumer) -> None:
    with duckdb.connect(kinds.path / "published" / "shop.duckdb", read_only=True) as connection:
        found = connection.execute("select function_name from duckdb_functions() where not internal").fetchall()
        assert connection.execute("select count(*) from unpublished").fetchall() == [(600,)]
    assert {name for (name,) in found} == {f"{name}__{what}" for name in PARAMETERS for what in ("segment", "distance")}


def test_old_clients_get_the_same_answers(kinds: Consumer) -> None:
    if not CLIENTS.is_dir():
        pytest.skip("there are no old clients: make .venv/.installed-clients installs them")
    queries = [_differences_sql(name) for name, columns in PARAMETERS.items() if "taste" not in columns]
    assert _as_client(kinds.path / "published" / "shop.duckdb", queries) == [[600, 0]] * len(queries)


def _as_client(file: Path, queries: list[str]) -> Any:
    script = (
        "import duckdb, json, sys; c = duckdb.connect(); c.execute(sys.argv[1]); "
        "print(json.dumps([c.execute(q).fetchone() for q in json.loads(sys.argv[2])]))"
    )
    attach = f"attach {literal(str(file))} as attached (read_only)"
    environment = os.environ | {"PYTHONPATH": str(CLIENTS)}
    command = [sys.executable, "-c", script, attach, json.dumps(queries)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)
