"""Columns, categories and words with names that some layer takes for something else, from a select to the page."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from consumer import Consumer, make_consumer
from hostile import NAMES, VALUES

from mallard.cli import main
from mallard.inputs.features import NUL
from mallard.labels import plain
from mallard.sql.text import quoted

WORDS = {column: f"word {other}" for column, other in zip(NAMES.values(), reversed(NAMES.values()), strict=True)}
CATEGORIES = list(VALUES.values())
PUBLISH = ["--vars", "{mallard_publish: {dev: out/shop.duckdb}, mallard_copies: [csv, parquet]}"]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """A segmentation of a table with a column for each name, a column with each value as a category, and words."""
    shop = make_consumer(tmp_path_factory.mktemp("hostile") / "shop")
    with duckdb.connect(shop.database) as connection:
        numbers = ", ".join(f"(i * {j} % 7) + 10 * (i % 2) as {quoted(c)}" for j, c in enumerate(NAMES.values(), 2))
        connection.execute(
            f"create table raw as select i as id, {numbers}, cast($1[i % {len(CATEGORIES)} + 1] as varchar) as word "
            "from range(400) as t(i)",
            [CATEGORIES],
        )
    given = {"id": "id", "n_clusters": 3, "max_categories": 100, "feature_words": WORDS}
    shop.write_segmentation("people", "select * from raw", **given)
    shop.write(
        "models/_models.yml",
        "models:\n  - name: people\n    data_tests: [mallard.is_nearest_centroid: {arguments: {id_column: id}}]\n",
    )
    result = shop.dbt("build", *PUBLISH)
    assert result.returncode == 0, result.stdout
    return shop


def test_every_name_is_a_feature_and_no_name_did_anything(shop: Consumer) -> None:
    features = {name for (name,) in shop.query("select distinct feature from people__profiles")}
    assert features == {*NAMES.values(), *(f"word={value}".replace("\0", NUL) for value in CATEGORIES)}
    assert shop.query("select count(*), count(segment_id) from people") == [(400, 400)]
    assert shop.query("select distinct segment_name from people order by segment_id") != []


def test_the_copies_have_the_names_and_values(shop: Consumer) -> None:
    with (shop.path / "out" / "shop" / "people.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    shown = [text.replace("\0", "\N{REPLACEMENT CHARACTER}") for text in CATEGORIES]
    neutral = {f"'{text}" if text[:1] in tuple("=+-@\t\r") else text for text in shown}
    assert {row["word"] for row in rows} == neutral
    assert {name.removeprefix("'") for name in rows[0]} >= {name.removeprefix("'") for name in NAMES.values()}
    copy = shop.path / "out" / "shop" / "people.parquet"
    assert {name for name, *_ in duckdb.execute(f"describe from '{copy}'").fetchall()} >= set(NAMES.values())


@pytest.mark.parametrize("source", ["shop.duckdb", "out/shop.duckdb", "out/shop"])
@pytest.mark.parametrize("aggregate", [[], ["--aggregate"]])
def test_report_and_summary_read_what_was_built(
    shop: Consumer, tmp_path: Path, source: str, aggregate: list[str]
) -> None:
    path = str(shop.path / source)
    result = CliRunner().invoke(main, ["report", path, "-o", str(tmp_path / "page.html"), *aggregate])
    assert result.exit_code == 0, result.output
    assert "12 pictures" in result.output
    assert "can't be drawn" not in result.output
    result = CliRunner().invoke(main, ["summary", path], env={"COLUMNS": "2000"})
    assert result.exit_code == 0, result.output
    names = [name for (name,) in shop.query("select distinct segment_name from people__profiles")]
    assert all(plain(name)[:12] in result.output for name in names)
