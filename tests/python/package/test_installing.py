"""What somebody needs who installs the package, and what is said where something is missing."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from consumer import PROFILE, TABLES_BESIDE, Consumer, make_consumer

from mallard import __version__

SELECT = "select i as id, i % 3 as orders from range(30) as t(i)"
NO_TENSORFLOW = """
import sys


class Absent:
    def find_spec(self, name, path=None, target=None):
        if name == "tensorflow":
            raise ModuleNotFoundError("No module named 'tensorflow'", name="tensorflow")


sys.meta_path.insert(0, Absent())
"""


@pytest.fixture
def consumer(tmp_path: Path) -> Consumer:
    """A project with one segmentation, not built yet."""
    consumer = make_consumer(tmp_path / "shop")
    consumer.write_segmentation("segments", SELECT, id="id", n_clusters=3)
    return consumer


def test_a_select_becomes_segments_whatever_folder_dbt_is_run_from(consumer: Consumer, tmp_path: Path) -> None:
    consumer.write("profiles.yml", PROFILE.format(database=consumer.database))
    result = consumer.dbt("build", cwd=tmp_path)
    assert result.returncode == 0, result.stdout
    sizes = consumer.query(
        "select orders, min(segment_id), max(segment_id), count(*) from segments group by 1 order by 1"
    )
    assert sizes == [(0, 1, 1, 10), (1, 2, 2, 10), (2, 3, 3, 10)]


def test_one_line_says_what_to_install_where_tensorflow_is_missing(consumer: Consumer, tmp_path: Path) -> None:
    consumer.write("site/sitecustomize.py", NO_TENSORFLOW)
    result = consumer.dbt("build", PYTHONPATH=str(consumer.path / "site"))
    assert result.returncode == 1
    said = "mallard: the Python package tensorflow isn't installed here: pip install tensorflow-cpu"
    assert any(line.strip().startswith(said) for line in result.stdout.splitlines()), result.stdout
    assert "Traceback" not in result.stdout


BROKEN_TENSORFLOW = """
import sys

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == "tensorflow":
            raise AttributeError("_ARRAY_API not found\\nand more")

sys.meta_path.insert(0, Finder())
"""


def test_one_line_says_what_to_do_where_tensorflow_is_broken(consumer: Consumer) -> None:
    consumer.write("site/sitecustomize.py", BROKEN_TENSORFLOW)
    result = consumer.dbt("build", PYTHONPATH=str(consumer.path / "site"))
    assert result.returncode == 1
    said = (
        "mallard: the Python package tensorflow can't be imported (_ARRAY_API not found): install it anew, in a version"
    )
    assert any(line.strip().startswith(said) for line in result.stdout.splitlines()), result.stdout
    assert "Traceback" not in result.stdout


def test_a_copy_that_pip_installed_has_to_be_of_the_same_version(consumer: Consumer) -> None:
    consumer.write("site/mallard/__init__.py", "")
    consumer.write(
        "site/dbt_mallard-0.1.7.dist-info/METADATA", "Metadata-Version: 2.1\nName: dbt-mallard\nVersion: 0.1.7\n"
    )
    result = consumer.dbt("build", PYTHONPATH=str(consumer.path / "site"))
    assert result.returncode == 1
    remedy = f"run pip install 'dbt-mallard=={__version__}', or pip uninstall dbt-mallard."
    said = f"mallard: pip installed dbt-mallard 0.1.7, and the dbt package is {__version__}: {remedy}"
    assert any(line.strip() == said for line in result.stdout.splitlines()), result.stdout
    assert "Traceback" not in result.stdout


def test_a_view_of_the_name_of_the_model_makes_room_and_nothing_else_is_left(consumer: Consumer) -> None:
    with duckdb.connect(consumer.database) as connection:
        connection.execute("create view segments as select 1 as x")
    result = consumer.dbt("run")
    assert result.returncode == 0, result.stdout
    tables = consumer.query("select table_name, table_type from information_schema.tables order by 1")
    assert tables == [(name, "BASE TABLE") for name in ("segments", *(f"segments__{side}" for side in TABLES_BESIDE))]


@pytest.mark.parametrize(
    "made",
    [
        "table segments__profiles as select 'rows of a loader' as x",
        "table segments__profiles as select 1 as segment_id, 'mine' as segment_name",
        "view segments__metrics as select 1 as mine",
    ],
)
def test_what_no_segmentation_made_is_not_replaced(consumer: Consumer, made: str) -> None:
    with duckdb.connect(consumer.database) as connection:
        connection.execute(f"create {made}")
    result = consumer.dbt("run")
    assert result.returncode == 1
    kind = made.split()[0]
    assert f"mallard: there is a {kind} segments__" in result.stdout
    assert "and no segmentation made it: rename it, or give the model another alias." in result.stdout
    assert len(consumer.query("select table_name from information_schema.tables")) == 1


def test_tables_of_an_earlier_version_are_replaced(consumer: Consumer) -> None:
    with duckdb.connect(consumer.database) as connection:
        connection.execute(
            """
            create table segments__profiles as  -- the columns of release 0.2.0
            select 1 as segment_id, 'old' as segment_name, 6 as n_customers, 1.0 as share, 'visits' as feature,
                2.0 as mean, 2.0 as overall_mean, 0.0 as z_score
            """
        )
    result = consumer.dbt("run")
    assert result.returncode == 0, result.stdout
    assert consumer.query("select distinct version from segments__profiles") == [(1,)]


def test_a_source_may_be_what_a_segmentation_reads_and_where_it_starts(consumer: Consumer) -> None:
    with duckdb.connect(consumer.database) as connection:
        connection.execute("create schema raw")
        connection.execute("create table raw.customers as select i as id, i % 3 as orders from range(30) as t(i)")
        connection.execute(
            "create table raw.typical as select i + 1 as segment_id, 2 - i as orders from range(3) as t(i)"
        )
    tables = "{name: customers}, {name: typical}"
    consumer.write("models/_sources.yml", f"sources:\n  - name: raw\n    tables: [{tables}]\n")
    select = "-- depends_on: {{ source('raw', 'typical') }}\nselect * from {{ source('raw', 'customers') }}"
    consumer.write_segmentation("segments", select, id="id", init="typical")
    result = consumer.dbt("run")
    assert result.returncode == 0, result.stdout
    found = consumer.query("select distinct orders, segment_id from segments order by all")
    assert found == [(0, 3), (1, 2), (2, 1)]


def test_a_contract_holds_for_the_output_and_a_breach_leaves_the_tables(consumer: Consumer) -> None:
    assert consumer.dbt("run").returncode == 0
    before = consumer.query("from segments__metrics"), consumer.query("from segments")
    columns = {"id": "bigint", "orders": "bigint", "segment_id": "varchar"}
    listed = "\n".join(f"      - {{name: {name}, data_type: {kind}}}" for name, kind in columns.items())
    consumer.write(
        "models/_models.yml",
        f"models:\n  - name: segments\n    config: {{contract: {{enforced: true}}}}\n    columns:\n{listed}\n",
    )
    consumer.write_segmentation("segments", SELECT, id="id", n_clusters=2)
    result = consumer.dbt("run")
    assert result.returncode == 1
    assert "This model has an enforced contract that failed." in result.stdout
    assert "segment_id" in result.stdout
    assert (consumer.query("from segments__metrics"), consumer.query("from segments")) == before


def test_columns_may_have_names_that_queries_use_and_the_select_may_end_in_a_comment(consumer: Consumer) -> None:
    names = [
        "scale_0",
        "mean_1",
        "lowest_0",
        "share",
        "n_customers",
        "feature",
        "mean",
        "bounds",
        "centroid",
        "scaled_x",
    ]
    columns = ", ".join(f"(i * {place}) % 13 as {name}" for place, name in enumerate(names, start=2))
    select = f"select gen_random_uuid() as id, i as number, {columns} from range(40) as t(i) -- all of them"
    consumer.write_segmentation("segments", select, id="id", n_clusters=2)
    result = consumer.dbt("build")
    assert result.returncode == 0, result.stdout
    features = consumer.query("select feature, mean, overall_mean from segments__profiles where segment_id = 1")
    assert [feature for feature, *_ in features] == ["number", *names]
    for feature, mean, overall_mean in features:
        sql = f'select avg("{feature}") filter (segment_id = 1), avg("{feature}") from segments'
        assert consumer.query(sql) == [(pytest.approx(mean), pytest.approx(overall_mean))]


def test_a_model_called_as_a_table_beside_the_segmentation_is_refused(consumer: Consumer) -> None:
    consumer.write("models/segments__metrics.sql", "select * from {{ mallard.metrics(ref('segments')) }}")
    result = consumer.dbt("run", "--select", "segments")
    assert result.returncode == 1
    said = "mallard: model segments__metrics is called segments__metrics, which is the name of the table of metrics "
    assert said + "beside segments: give it another name." in result.stdout


def test_segmentations_and_the_tables_beside_them_are_published_where_a_var_says_so(consumer: Consumer) -> None:
    consumer.write("models/protected.sql", "{{ config(materialized='table') }} select 1 as x")
    consumer.write("models/shown.sql", "{{ config(materialized='view', access='public') }} select 1 as x")
    assert consumer.dbt("build").returncode == 0
    assert not (consumer.path / "out").exists()
    result = consumer.dbt("build", "--vars", "{mallard_publish: {dev: out/shop.duckdb, prod: elsewhere.duckdb}}")
    assert result.returncode == 0, result.stdout
    assert "14 tables published in out/shop.duckdb" in result.stdout
    with duckdb.connect(consumer.path / "out" / "shop.duckdb", read_only=True) as connection:
        names = [name for (name,) in connection.execute("select table_name from duckdb_tables() order by 1").fetchall()]
        published = connection.execute("select id, segment_id, confidence from segments order by id").fetchall()
    assert names == ["publication", "segments", *(f"segments__{side}" for side in TABLES_BESIDE), "shown"]
    assert published == consumer.query("select id, segment_id, confidence from segments order by id")


def test_the_select_may_use_what_an_sql_header_makes(consumer: Consumer) -> None:
    consumer.write(
        "models/segments.sql",
        "{{ config(materialized='segmentation', meta={'id': 'id', 'n_clusters': 2}, "
        "sql_header='create or replace temp macro twice(x) as 2 * x;') }}\n"
        "select i as id, twice(i) as number from range(20) as t(i)",
    )
    result = consumer.dbt("run")
    assert result.returncode == 0, result.stdout
    assert consumer.query("select sum(number) from segments") == [(380,)]


def test_nothing_of_the_sample_is_attached_to_models_of_the_same_names(consumer: Consumer) -> None:
    names = ["customer_segments", "cluster_metrics", "segment_profiles", "segment_names"]
    for name in names:
        consumer.write_segmentation(name, SELECT, id="id")
    assert set(consumer.dbt("ls", "--quiet").stdout.split()) == {f"shop.{name}" for name in ["segments", *names]}
    manifest = json.loads((consumer.path / "target" / "manifest.json").read_text())
    of_mallard = [key for key, node in manifest["nodes"].items() if node["package_name"] == "mallard"]
    assert of_mallard == ["operation.mallard.mallard-on-run-start-0", "operation.mallard.mallard-on-run-end-0"]
    for kind in ("unit_tests", "exposures", "semantic_models", "metrics"):
        assert not manifest[kind]
    assert all(not manifest["nodes"][f"model.shop.{name}"]["description"] for name in names)
