"""The notebook runs from a clean kernel on a published file, and is kept without outputs."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from sample import ROOT, Project

NOTEBOOK = ROOT / "notebooks" / "customer_segmentation.ipynb"
CHARTS = 9


@pytest.fixture(scope="module")
def executed(sample: Project) -> nbformat.NotebookNode:
    folder = sample.path / "notebooks"
    folder.mkdir()
    notebook = nbformat.read(shutil.copy(NOTEBOOK, folder), as_version=4)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook


@pytest.mark.filterwarnings("ignore")
def test_it_runs_and_shows_every_chart(executed: nbformat.NotebookNode) -> None:
    outputs = [output for cell in executed.cells for output in cell.get("outputs", [])]
    assert [output.get("ename") for output in outputs if output.output_type == "error"] == []
    assert [output.text for output in outputs if output.output_type == "stream"] == []
    pictures = [output.data["image/svg+xml"] for output in outputs if "image/svg+xml" in output.get("data", {})]
    assert len(pictures) == CHARTS
    assert any("high income, low spending" in picture for picture in pictures)
    texts = [output.data["text/plain"] for output in outputs if "text/plain" in output.get("data", {})]
    assert any("k = 5, chosen at the elbow" in text for text in texts)
    assert any("5 groups, reproducible: Every border between segments is a valley" in text for text in texts)
    assert any("low income, high spending" in text and "22" in text for text in texts)


def test_it_is_kept_without_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) > 10
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
    assert Path(NOTEBOOK).stat().st_size < 20_000
