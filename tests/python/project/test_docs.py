"""What dbt's documentation says of every table and column."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from sample import ROOT, Project


@pytest.fixture(scope="module")
def documented(built_once: Project, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A built project with its documentation."""
    project = Project(shutil.copytree(built_once.path, tmp_path_factory.mktemp("documented") / "project"))
    result = project.dbt("docs", "generate", "--static")
    assert result.returncode == 0, result.stdout
    return project


def _nodes(project: Project, artifact: str) -> dict[str, Any]:
    nodes = json.loads((project.path / "target" / artifact).read_text())["nodes"]
    return {key: node for key, node in nodes.items() if key.startswith(("model.", "seed."))}


def test_every_column_of_the_catalog_is_described(documented: Project) -> None:
    manifest, catalog = (_nodes(documented, f"{name}.json") for name in ("manifest", "catalog"))
    assert catalog.keys() == manifest.keys()
    assert len(catalog["model.mallard.cluster_metrics"]["columns"]) == 27
    columns = [(key, name) for key, table in catalog.items() for name in table["columns"]]
    undescribed = [
        (key, name) for key, name in columns if not manifest[key]["columns"].get(name, {}).get("description")
    ]
    assert undescribed == []


def test_every_description_of_a_table_begins_with_what_a_row_is(documented: Project) -> None:
    descriptions = {key: node["description"] for key, node in _nodes(documented, "manifest.json").items()}
    assert [key for key, text in descriptions.items() if not text.startswith("One row")] == []


def test_the_page_is_one_file_with_the_descriptions_in_it(documented: Project) -> None:
    page = (documented.path / "target" / "static_index.html").read_text()
    assert "One row per number of clusters tried, with its quality and whether it was chosen." in page


def test_a_text_that_two_columns_share_is_a_doc_block() -> None:
    files = [*ROOT.glob("models/**/_*.yml"), *ROOT.glob("seeds/_*.yml")]
    texts = Counter(text for file in files for text in _descriptions(yaml.safe_load(file.read_text())))
    assert [text for text, times in texts.items() if times > 1 and not text.startswith("{{ doc(")] == []


def _descriptions(properties: Any) -> Iterator[str]:
    if isinstance(properties, dict):
        if "description" in properties:
            yield properties["description"]
        properties = list(properties.values())
    if isinstance(properties, list):
        for part in properties:
            yield from _descriptions(part)
