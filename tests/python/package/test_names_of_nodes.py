"""What settings name is what dbt knows by this name: versions, sources and tables beside a segmentation too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pytest
from consumer import Consumer, make_consumer
from once import made_once

CUSTOMERS = "select i as id, i as orders, i * i as revenue from range(20) as t(i)"
GUESSES = "select i as segment_id, 5 * i as orders, 20 * i as revenue from range(1, {}) as t(i)"
VERSIONS = """
models:
  - name: guesses
    latest_version: 2
    versions: [{v: 1}, {v: 2}]
sources:
  - name: raw
    schema: main
    tables: [{name: loaded_guesses}]
"""
DEPENDS = {
    "one_version": ["ref('guesses', v=1)"],
    "one_of_two": ["ref('guesses', v=1)", "ref('guesses', v=2)"],
    "two_versions": ["ref('guesses', v=1)", "ref('guesses', v=2)"],
    "no_version": [],
    "from_a_source": ["source('raw', 'loaded_guesses')"],
    "no_source": [],
    "table_beside": [],
    "nothing_of_the_project": [],
}
INIT = {
    "one_version": "guesses",
    "one_of_two": "guesses.v2",
    "two_versions": "guesses",
    "no_version": "guesses.v1",
    "from_a_source": "loaded_guesses",
    "no_source": "loaded_guesses",
    "table_beside": "one_version__centroids",
    "nothing_of_the_project": "guess",
}
REFUSED = {
    "two_versions": 'setting init is "guesses": the select depends on several of this name; choose one of guesses.v1, '
    "guesses.v2.",
    "no_version": "setting init is \"guesses.v1\": write -- depends_on: {{ ref('guesses', v=1) }} above the select",
    "no_source": "setting init is \"loaded_guesses\": write -- depends_on: {{ source('raw', 'loaded_guesses') }} above",
    "table_beside": 'setting init is "one_version__centroids": it is the table of centroids beside one_version, not '
    "one row per segment; name a model that makes one row per segment of {{ mallard.centroids(ref('one_version')) }}.",
    "nothing_of_the_project": 'setting init is "guess": choose from k-means++, random; or, if it is a model or seed',
    "misplaced": "mallard is in the wrong place: settings belong in meta, such as meta={'mallard': {'id': ...}} ",
}
MADE = {"one_version": 3, "one_of_two": 4, "from_a_source": 5}


@pytest.fixture(scope="session")
def named(tmp_path_factory: pytest.TempPathFactory) -> Consumer:
    """A project after one run, whose messages are in messages.json."""
    return Consumer(made_once(tmp_path_factory, "names_of_nodes", _run))


def _run(folder: Path) -> None:
    consumer = make_consumer(folder)
    consumer.write("models/guesses.yml", VERSIONS)
    for version, n in ((1, 4), (2, 5)):
        consumer.write(f"models/guesses_v{version}.sql", GUESSES.format(n))
    for name, depends in DEPENDS.items():
        lines = "".join(f"-- depends_on: {{{{ {call} }}}}\n" for call in depends)
        consumer.write_segmentation(name, lines + CUSTOMERS, id="id", init=INIT[name])
    consumer.write(
        "models/misplaced.sql", "{{ config(materialized='segmentation', mallard={'id': 'id'}) }}\n" + CUSTOMERS
    )
    consumer.write_segmentation("plain", CUSTOMERS, id="id", n_clusters=2)
    consumer.write("models/plain__profiles.sql", "{{ config(materialized='ephemeral') }} select 1 as x")
    with duckdb.connect(consumer.database) as connection:
        connection.execute(f"create table loaded_guesses as {GUESSES.format(6)}")
    assert consumer.dbt("run").returncode == 1
    (folder / "messages.json").write_text(json.dumps(consumer.messages()))


def _messages(consumer: Consumer) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((consumer.path / "messages.json").read_text())
    return found


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_cannot_be_followed_is_refused_with_what_to_write(named: Consumer, name: str) -> None:
    status, message = _messages(named)[name]
    assert status == "error"
    assert any(line.strip().startswith(f"mallard: {REFUSED[name]}") for line in message.splitlines()), message


@pytest.mark.parametrize("name", MADE)
def test_the_centroids_are_those_of_the_version_or_the_source(named: Consumer, name: str) -> None:
    assert named.query(f"select n_clusters from {name}__metrics") == [(MADE[name],)]


def test_an_ephemeral_model_has_no_table_that_could_be_in_the_way(named: Consumer) -> None:
    assert named.query("select count(distinct segment_id) from plain__profiles") == [(2,)]
