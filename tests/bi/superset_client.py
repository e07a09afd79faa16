"""Superset as its own client sees it, without a server in between."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

USER = {"username": "admin", "password": "admin"}
READ_ONLY = {"engine_params": {"connect_args": {"read_only": True}}}
COUNT = {"expressionType": "SQL", "sqlExpression": "count(*)", "label": "customers"}


def average(column: str) -> dict[str, Any]:
    """A metric as a chart asks for it; its label is the column's name."""
    return {"expressionType": "SIMPLE", "aggregate": "AVG", "column": {"column_name": column}, "label": column}


@dataclass
class Superset:
    """Superset's API, asked by somebody who has logged in."""

    app: Flask
    client: FlaskClient
    headers: dict[str, str]

    def get(self, address: str) -> dict[str, Any]:
        response = self.client.get(address, headers=self.headers)
        assert response.status_code == 200, response.text
        return response.json

    def post(self, address: str, **body: Any) -> dict[str, Any]:
        response = self.client.post(address, json=body, headers=self.headers)
        assert response.status_code in (200, 201), response.text
        return response.json

    def register_database(self, name: str, file: Path, **options: Any) -> int:
        body = {"database_name": name, "sqlalchemy_uri": f"duckdb:///{file}", "extra": json.dumps(READ_ONLY)}
        return self.post("/api/v1/database/", **body, **options)["id"]

    def register_dataset(self, database: int, table: str) -> int:
        return self.post("/api/v1/dataset/", database=database, schema="main", table_name=table)["id"]

    def draw(self, dataset: int, columns: list[str], metrics: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
        """The data of a chart, its rows in the order of the columns."""
        query = {"columns": columns, "metrics": metrics, "orderby": [[column, True] for column in columns]}
        drawn = self.post("/api/v1/chart/data", datasource={"id": dataset, "type": "table"}, queries=[query])
        return _rows(drawn["result"][0])

    def run_sql(self, database: int, sql: str) -> list[tuple[Any, ...]]:
        """The rows that SQL Lab shows."""
        result = self.post("/api/v1/sqllab/execute/", database_id=database, sql=sql, client_id=uuid.uuid4().hex[:10])
        return [tuple(row[column["column_name"]] for column in result["columns"]) for row in result["data"]]

    def import_dashboard(self, zip_file: Path) -> None:
        with zip_file.open("rb") as archive:
            response = self.client.post(
                "/api/v1/dashboard/import/", data={"formData": (archive, zip_file.name)}, headers=self.headers
            )
        assert response.status_code == 200, response.text

    def draw_dashboard(self, slug: str) -> dict[str, list[list[tuple[Any, ...]]]]:
        """For each chart of a dashboard the rows of each of its queries."""
        charts = self.get(f"/api/v1/dashboard/{slug}/charts")["result"]
        return {
            chart["slice_name"]: [_rows(query) for query in self.get(f"/api/v1/chart/{chart['id']}/data/")["result"]]
            for chart in charts
        }

    @contextmanager
    def running_query(self, database: int) -> Iterator[Any]:
        """A cursor as Superset's own queries have it, for as long as one of them would run."""
        from superset.daos.database import DatabaseDAO  # needs the app

        with self.app.app_context():
            found = DatabaseDAO.find_by_id(database, skip_base_filter=True)
            with found.get_raw_connection() as connection:
                yield connection.cursor()

    def forget_everything(self) -> None:
        """Remove what was registered; Superset on SQLite allows one data set of a name, whatever the database."""
        for kind in ("dashboard", "chart", "dataset", "database"):
            for identifier in self.get(f"/api/v1/{kind}/")["ids"]:
                response = self.client.delete(f"/api/v1/{kind}/{identifier}", headers=self.headers)
                assert response.status_code == 200, response.text


def _rows(query: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in query["colnames"]) for row in query["data"]]


def initialize() -> None:
    """Give Superset its metadata database and somebody who may do everything."""
    person = ["--firstname", "A", "--lastname", "Tester", "--email", "tester@example.com"]
    login = ["--username", USER["username"], "--password", USER["password"]]
    for arguments in (["db", "upgrade"], ["fab", "create-admin", *login, *person], ["init"]):
        command = [str(Path(sys.executable).with_name("superset")), *arguments]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr


def start() -> Superset:
    """Superset in this process, with its first person logged in."""
    from superset.app import create_app  # its import reads the settings

    app = create_app()
    client = app.test_client()
    login = client.post("/api/v1/security/login", json=USER | {"provider": "db"})
    assert login.status_code == 200, login.text
    return Superset(app, client, {"Authorization": f"Bearer {login.json['access_token']}"})
