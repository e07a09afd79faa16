"""What the package does in place of dbt-spark, in a project that has it installed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pytest
from spark_consumer import SparkConsumer, make_spark_consumer, needs_spark

pytestmark = [pytest.mark.slow, needs_spark]

SEED = """\
id,said,number,price,day,moment,is_kept
1,it's,9007199254740993,0.1,2024-02-29,2024-02-29 23:59:59,true
2,"a \\ and a "" and a ,",-1,12.50,1969-12-31,1969-12-31 00:00:00,false
3,,,,,,
4,None,1e3,1e-3,,,
"""
ONE_SEGMENT = """
{{
    config(
        materialized='segmentation',
        meta={
            'id': 'id',
            'features': {'place': {}, 'visits': {'scale': 'standard'}},
            'n_clusters': 1,
            'max_clusters': 2,
        },
    )
}}

select id, array(cast(id % 3 as double), cast(id % 5 as double)) as place, cast(id % 7 as double) as visits
from range(60)
"""
LONG = "It's long: " + "x" * 300 + "."


@dataclass(frozen=True)
class Built:
    """A project after `dbt build`, and what that printed."""

    project: SparkConsumer
    printed: str


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    project = make_spark_consumer(tmp_path_factory.mktemp("dbt_spark"))
    project.write("seeds/sayings.csv", SEED)
    project.write(
        "seeds/_seeds.yml",
        "seeds: [{name: sayings, config: {column_types: {said: string, price: 'decimal(10, 2)'}}}]",
    )
    project.write("models/kept.sql", "{{ config(materialized='table') }} select id, said from {{ ref('sayings') }}")
    project.write("models/segments.sql", ONE_SEGMENT)
    project.write(
        "models/_models.yml",
        f"""
models:
  - name: kept
    config:
      persist_docs: {{relation: true, columns: true}}
    columns:
      - {{name: id, description: "Which \\\\ it's."}}
      - {{name: said, description: "{LONG}"}}
""",
    )
    project.write(
        "macros/print_comments.sql",
        """
{% macro print_comments() %}
    {% for row in run_query('describe shop.kept') if execute %}
        {% do print('comment: ' ~ row[0] ~ ': ' ~ row[2]) %}
    {% endfor %}
{% endmacro %}
""",
    )
    project.write(
        "dbt_project.yml", (project.path / "dbt_project.yml").read_text() + 'on-run-end: "{{ print_comments() }}"\n'
    )
    result = project.dbt("build")
    assert result.returncode == 0, result.stdout
    return Built(project, result.stdout)


def test_seeds_have_the_values_of_their_files(built: Built) -> None:
    assert built.project.query("select id, said from sayings order by id") == [
        (1, "it's"),
        (2, 'a \\ and a " and a ,'),
        (3, None),
        (4, "None"),
    ]
    assert built.project.query("select number, price, day, is_kept from sayings order by id") == [
        (9007199254740993, Decimal("0.10"), date(2024, 2, 29), True),
        (-1, Decimal("12.50"), date(1969, 12, 31), False),
        (None, None, None, None),
        (1000, Decimal("0.00"), None, None),
    ]
    assert built.project.query("select moment from sayings where id < 3 order by id") == [
        (datetime(2024, 2, 29, 23, 59, 59),),
        (datetime(1969, 12, 31),),
    ]


def test_columns_have_comments_that_fit_the_catalog(built: Built) -> None:
    printed = [line.removeprefix("comment: ") for line in built.printed.splitlines() if line.startswith("comment: ")]
    assert printed == [r"id: Which \ it's.", f"said: {LONG[:253]}..."]


def test_a_vector_beside_a_number_and_one_segment_without_borders(built: Built) -> None:
    tables = built.project.tables()
    columns = [name for name, _ in tables["segments__features"].columns]
    features = [dict(zip(columns, row, strict=True)) for row in tables["segments__features"].rows]
    visits = np.arange(60) % 7
    assert {of["feature"]: of["center"] for of in features} == {"place": None, "visits": pytest.approx(visits.mean())}
    assert {of["feature"]: of["spread"] for of in features} == {"place": None, "visits": pytest.approx(visits.std())}
    assert tables["segments__borders"].rows == []
    assert len(tables["segments"].rows) == 60
