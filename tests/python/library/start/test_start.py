"""The files that the command writes say what was found, and replace nothing that is there."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import duckdb
import pytest
import yaml
from click.testing import CliRunner

from mallard.cli import main

ORDERS = """
    select
        'c' || i % 40 as customer_id, 'o' || i // 2 as order_id, 1.5 * i as amount,
        date '2026-01-01' + cast(i % 90 as integer) as ordered_on
    from range(200) as t(i)
"""
LINES = """
    select
        i % 40 as "Customer ID", strftime(date '2026-01-01' + cast(i % 90 as integer), '%d/%m/%Y') as "Invoice Date",
        i % 5 as qty, 2.5 as "Unit {{ Price }}"
    from range(200) as t(i)
"""
PEOPLE = """
    select
        i as user_id, 'p' || i || '@x.org' as email, ['UK', 'DE'][i % 2 + 1] as country, 1.5 * i as revenue,
        '{{ 1 }}' || i as "a {% te"
    from range(100) as t(i)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shop"
    (folder / "seeds").mkdir(parents=True)
    (folder / "dbt_project.yml").write_text("name: shop\n")
    with duckdb.connect(folder / "shop.duckdb") as connection:
        for name, select in {"orders": ORDERS, "lines": LINES, "users": PEOPLE}.items():
            connection.execute(f"create table {name} as {select}")
            connection.execute(f"copy {name} to '{folder / 'seeds' / name}.csv'")
            connection.execute(f"copy {name} to '{tmp_path / name}.parquet'")
    monkeypatch.chdir(folder)
    return folder


def _run(*arguments: str | Path) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["init", *map(str, arguments)])
    return result.exit_code, result.output


def _code(file: Path) -> str:
    """The SQL without comments, on one line."""
    return " ".join(line.strip() for line in file.read_text().splitlines() if not line.startswith("--")).strip()


def test_orders_become_customers_and_their_segments(project: Path) -> None:
    (project / "seeds/orders.csv").unlink()
    assert _run("shop.duckdb", "orders") == (
        0,
        "models/customers.sql\nmodels/customer_segments.sql\nmodels/customer_segments.yml\n"
        "Next: dbt deps (with Mallard in packages.yml), dbt build, mallard summary shop.duckdb\n",
    )
    assert _code(project / "models/customers.sql") == (
        "{{ config(materialized='table') }}  "
        "{{ mallard.rfm( source('main', 'orders'), customer_id='customer_id', ordered_at='ordered_on', "
        "amount='amount', order_id='order_id' ) }}"
    )
    assert _code(project / "models/customer_segments.sql") == (
        "{{ config( materialized='segmentation', meta={ 'id': 'customer_id', "
        "'features': ['recency_days', 'orders', 'revenue'], 'value_column': 'revenue', } ) }}  "
        "select * from {{ ref('customers') }}"
    )
    assert yaml.safe_load((project / "models/customer_segments.yml").read_text()) == {
        "models": [
            {
                "name": "customers",
                "description": "One row per customer, from their orders.",
                "columns": [_id("customer_id", "customer")],
            },
            _segments("customer", "customer_id", "ref('customers')"),
        ],
        "sources": [{"name": "main", "tables": [{"name": "orders"}]}],
    }


def test_what_a_table_of_orders_lacks_is_computed(project: Path) -> None:
    assert _run("seeds/lines.csv")[0] == 0
    assert _code(project / "models/customers.sql") == (
        "{{ config(materialized='table') }}  {% set orders %} ( select *, "
        "strptime(nullif(trim(\"Invoice Date\"), ''), '%d/%m/%Y') as ordered_at, "
        '"qty" * {{ \'"Unit {{ Price }}"\' }} as amount '
        "from {{ ref('lines') }} ) {% endset %}  "
        "{{ mallard.rfm( orders, customer_id='Customer ID', ordered_at='ordered_at', amount='amount' ) }}"
    )
    said = yaml.safe_load((project / "models/customer_segments.yml").read_text())
    assert said["models"][0]["columns"] == [_id("Customer ID", "customer") | {"quote": True}]
    assert "sources" not in said


def test_rows_that_are_no_orders_are_segmented_as_they_are(project: Path, tmp_path: Path) -> None:
    code, output = _run(tmp_path / "users.parquet")
    assert (code, output.splitlines()[:-1]) == (0, ["models/user_segments.sql", "models/user_segments.yml"])
    assert output.endswith("mallard summary <your warehouse>.duckdb\n")
    file = project / "models/user_segments.sql"
    assert _code(file) == (
        "{{ config( materialized='segmentation', meta={ 'id': 'user_id', 'features': ['country', 'revenue'], "
        "'value_column': 'revenue', 'publish_exclude': ['email'], 'entity': 'user', } ) }}  "
        "select * from {{ source('files', 'users') }}"
    )
    assert "--   email says who somebody is\n--   a {  te has 100 different texts\n" in file.read_text()
    said = yaml.safe_load((project / "models/user_segments.yml").read_text())
    assert said["models"] == [_segments("user", "user_id", "source('files', 'users')")]
    location = f"read_parquet('{tmp_path / 'users.parquet'}')"
    assert said["sources"] == [
        {"name": "files", "tables": [{"name": "users", "config": {"meta": {"external_location": location}}}]}
    ]


def test_a_file_in_the_project_is_found_from_there(project: Path) -> None:
    (project / "raw {1}").mkdir()
    (project / "seeds/users.csv").rename(project / "raw {1}" / "it's.csv")
    assert _run("raw {1}/it's.csv")[0] == 0
    said = yaml.safe_load((project / "models/user_segments.yml").read_text())
    [table] = said["sources"][0]["tables"]
    assert table["config"]["meta"]["external_location"] % {} == "read_csv('raw {1}/it''s.csv')"


def test_many_features_have_a_line_each(project: Path) -> None:
    features = [f"number_of_visits_in_month_{i}" for i in range(12)]
    with duckdb.connect("shop.duckdb") as connection:
        columns = ", ".join(f"i * {j + 2} as {feature}" for j, feature in enumerate(features))
        connection.execute(f"create table visits as select i as user_id, {columns} from range(9) as t(i)")
    assert _run("shop.duckdb", "visits")[0] == 0
    lines = [f"            '{feature}',\n" for feature in features]
    assert f"'features': [\n{''.join(lines)}        ],\n" in (project / "models/user_segments.sql").read_text()


def test_settings_that_can_be_added_are_those_of_the_library(project: Path) -> None:
    from mallard.inputs.settings import Settings

    assert _run("shop.duckdb", "users")[0] == 0
    lines = (project / "models/user_segments.sql").read_text().splitlines()
    shown = [line.split("'")[1] for line in lines if line.startswith("--   '")]
    assert shown == ["n_clusters", "without_groups", "scale", "nulls"]
    for name in shown:
        assert any(line.startswith(f"--   '{name}': '{getattr(Settings, name)}' ") for line in lines)


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (["age", "days_since_last_order"], None),
        (["age", "AnnualIncome (k$)", "Spending Score"], "{'AnnualIncome (k$)': 'annual income'}"),
        (["[x]", "Days-On-Site"], "{'Days-On-Site': 'days on site'}"),
    ],
)
def test_words_are_suggested_where_a_feature_would_be_called_otherwise(
    project: Path, columns: list[str], line: str | None
) -> None:
    with duckdb.connect("shop.duckdb") as connection:
        numbers = ", ".join(f'i % {j + 5} as "{column}"' for j, column in enumerate(columns))
        connection.execute(f"create table visits as select i as user_id, {numbers} from range(60) as t(i)")
    assert _run("shop.duckdb", "visits")[0] == 0
    shown = [row for row in (project / "models/user_segments.sql").read_text().splitlines() if "feature_words" in row]
    said = f"--   'feature_words': {line}  what names of segments call a feature"
    assert [" ".join(row.split()) for row in shown] == ([] if line is None else [" ".join(said.split())])


def test_a_table_of_the_warehouse_is_never_replaced_by_a_model(project: Path) -> None:
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("create table customers as select 1 as customer_id")
    assert _run("shop.duckdb", "orders")[1].startswith("models/customer_orders.sql\n")
    assert "from {{ ref('customer_orders') }}" in (project / "models/customer_segments.sql").read_text()
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("create table customer_segments as select 1 as customer_id")
    (project / "models/customer_segments.sql").unlink()
    (project / "seeds/customer_groups.csv").touch()
    message = "there are tables customer_segments, customer_groups: call a row otherwise, with --entity."
    assert _run("shop.duckdb", "orders", "--force") == (1, f"Error: mallard: {message}\n")


def test_a_model_of_the_project_is_called_by_its_name(project: Path) -> None:
    (project / "models" / "staging").mkdir(parents=True)
    (project / "models" / "staging" / "Orders.sql").write_text("select 1")
    assert _run("shop.duckdb", "main.ORDERS")[0] == 0
    assert "ref('Orders')" in (project / "models/customers.sql").read_text()
    assert "sources" not in (project / "models/customer_segments.yml").read_text()


def test_a_source_of_the_project_is_called_by_its_name(project: Path) -> None:
    (project / "seeds/orders.csv").unlink()
    (project / "models").mkdir()
    (project / "models/broken.yml").write_text("{")
    (project / "models/raw.yaml").write_text(
        "sources:\n  - {name: empty}\n  - {name: shop, schema: MAIN, tables: [{name: bought, identifier: orders}]}\n"
    )
    assert _run("shop.duckdb", "orders")[0] == 0
    assert "source('shop', 'bought')" in (project / "models/customers.sql").read_text()
    assert "sources" not in (project / "models/customer_segments.yml").read_text()


def test_files_that_are_there_stay_unless_they_are_to_be_replaced(project: Path) -> None:
    (project / "models").mkdir()
    (project / "models/customer_segments.sql").write_text("mine")
    message = "there is models/customer_segments.sql: replace it with --force, or move it away."
    assert _run("shop.duckdb", "orders") == (1, f"Error: mallard: {message}\n")
    assert os.listdir(project / "models") == ["customer_segments.sql"]
    assert (project / "models/customer_segments.sql").read_text() == "mine"
    assert _run("shop.duckdb", "orders", "--force")[0] == 0
    assert "mine" not in (project / "models/customer_segments.sql").read_text()


def test_a_source_of_the_files_that_are_replaced_is_written_again(project: Path) -> None:
    (project / "seeds/orders.csv").unlink()
    for _ in range(2):
        assert _run("shop.duckdb", "orders", "--force")[0] == 0
        said = yaml.safe_load((project / "models/customer_segments.yml").read_text())
        assert said["sources"] == [{"name": "main", "tables": [{"name": "orders"}]}]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_dbt_is_told_the_delimiter_of_a_seed(project: Path, delimiter: str) -> None:
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute(f"copy orders to 'seeds/orders.csv' (delimiter '{delimiter}')")
    for _ in range(2):
        code, output = _run("seeds/orders.csv", "--force")
        assert (code, "delimiter" in output) == (0, False)
        said = yaml.safe_load((project / "models/customer_segments.yml").read_text())
        assert said["seeds"] == [{"name": "orders", "config": {"delimiter": delimiter}}]
    assert _run("seeds/users.csv")[0] == 0
    assert "seeds" not in yaml.safe_load((project / "models/user_segments.yml").read_text())


def test_a_seed_with_properties_of_its_own_is_to_be_told_its_delimiter_there(project: Path) -> None:
    with duckdb.connect("shop.duckdb") as connection:
        connection.execute("copy orders to 'seeds/orders.csv' (delimiter ';')")
    (project / "dbt_packages" / "mallard").mkdir(parents=True)
    own = project / "seeds" / "seeds.yml"
    own.write_text("seeds: [{name: Orders}]")
    code, output = _run("seeds/orders.csv")
    assert (code, output.splitlines()[-1]) == (
        0,
        'Next: delimiter: ";" in the config of the seed orders, dbt build, mallard summary <your warehouse>.duckdb',
    )
    assert "seeds" not in yaml.safe_load((project / "models/customer_segments.yml").read_text())
    own.write_text("seeds: [{name: orders, config: {delimiter: ';'}}]")
    output = _run("seeds/orders.csv", "--force")[1]
    assert output.endswith("Next: dbt build, mallard summary <your warehouse>.duckdb\n")


def test_models_go_where_the_project_has_them(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "dbt_project.yml").write_text("name: shop\nmodel-paths: [sql]\nseed-paths: [data]\n")
    (project / "seeds").rename(project / "data")
    monkeypatch.chdir(tmp_path)
    assert _run("shop/data/orders.csv", "--project", "shop")[1].startswith("shop/sql/customers.sql\n")
    assert "ref('orders')" in (project / "sql/customers.sql").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.csv"], "there is no file nowhere.csv: name a DuckDB file, or a CSV or Parquet file."),
        (["shop.duckdb"], "there are 3 tables: name one of main.lines, main.orders, main.users."),
        (["shop.duckdb", "nope"], "there is no table nope: name one of main.lines, main.orders, main.users."),
        (
            ["seeds/orders.csv", "--project", "seeds"],
            "seeds has no dbt_project.yml: run dbt init first, or name the",
        ),
        (["shop.duckdb", "orders", "--entity", "../x"], "--entity is ../x: give a word in the singular, such as"),
        (["dbt_project.yml"], "dbt_project.yml can't be read as a table: "),
        (["shop.duckdb", "quoted"], "column the \"id\" has a name that dbt's tests can't be given: call it otherwise"),
    ],
)
def test_what_cannot_be_started_from_is_refused_in_one_line(project: Path, arguments: list[str], message: str) -> None:
    if arguments[-1] == "quoted":
        with duckdb.connect("shop.duckdb") as connection:
            connection.execute('create table quoted as select i as "the ""id""", i as x from range(9) as t(i)')
    code, output = _run(*arguments)
    assert (code, output.count("\n")) == (1, 1)
    assert output.startswith(f"Error: mallard: {message}")
    assert not (project / "models").exists()


def test_a_csv_file_that_is_no_text_is_refused(project: Path) -> None:
    with (project / "seeds" / "latin.csv").open("w", encoding="latin-1", newline="") as file:
        csv.writer(file).writerows([["customer_id", "name"], ["1", "Zoë"]] * 20)
    code, output = _run("seeds/latin.csv")
    assert (code, output.count("\n")) == (1, 1)
    assert output.startswith("Error: mallard: seeds/latin.csv can't be read as a table: Invalid Input Error: ")


def _id(name: str, entity: str) -> dict[str, object]:
    return {"name": name, "description": f"Identifies a {entity}.", "data_tests": ["unique", "not_null"]}


def _segments(entity: str, id_column: str, given: str) -> dict[str, object]:
    return {
        "name": f"{entity}_segments",
        "description": f"One row per {entity}, with its segment.",
        "data_tests": [
            {"mallard.no_rows_lost": {"arguments": {"from": [given], "id_column": id_column}}},
            {"mallard.is_nearest_centroid": {"arguments": {"id_column": id_column}}},
        ],
        "columns": [_id(id_column, entity)],
    }
