"""docs/lecture.ipynb runs from top to bottom; `pytest --update-golden` writes its outputs anew.

The notebook asserts what it says, so a cell that is wrong is an error here.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "docs" / "lecture.ipynb"
SECTIONS = (
    "Networks as graphs",
    "Linear and non-linear models",
    "Numerical and analytic gradients",
    "Derivatives in graphs",
    "Sums over paths, and how many there are",
    "Reverse mode",
    "Backpropagation by example",
    "Vectorisation",
    "Data parallelism",
)
RICH = {"image/png", "text/html", "text/latex", "text/markdown"}
MOST_BYTES = 1_500_000


@pytest.fixture(scope="module")
def committed() -> nbformat.NotebookNode:
    return nbformat.read(NOTEBOOK, 4)


def test_it_runs_from_top_to_bottom(
    committed: nbformat.NotebookNode, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")  # tests run side by side; a figure shows times
    notebook = nbformat.from_dict(committed)
    for cell in notebook.cells:
        cell.get("metadata", {}).clear()
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": ROOT}}).execute()
    images = [o for o in outputs(notebook) if "image/png" in o.get("data", {})]
    assert len(images) >= 8
    assert all(base64.b64decode(o.data["image/png"]).startswith(b"\x89PNG") for o in images)
    if pytestconfig.getoption("--update-golden"):
        for cell in notebook.cells:
            cell["metadata"] = {}
        for output in outputs(notebook):
            if RICH & set(output.get("data", {})):
                output.data.pop("text/plain", None)  # holds addresses, and no front end shows it
        nbformat.write(notebook, NOTEBOOK)
        return
    assert formulas(notebook) == formulas(committed), "pytest -n 0 --update-golden writes the outputs anew"


def formulas(notebook: nbformat.NotebookNode) -> list[str]:
    """The outputs that are the same on every machine: formulas, derivations and traces."""
    data = [output.get("data", {}) for output in outputs(notebook)]
    traces = [d["text/html"] for d in data if "data-symnet-trace" in d.get("text/html", "")]
    return [*traces, *(d[kind] for d in data for kind in ("text/latex", "text/markdown") if kind in d)]


def test_the_sections_are_those_of_the_lecture(committed: nbformat.NotebookNode) -> None:
    text = "\n".join(cell.source for cell in committed.cells if cell.cell_type == "markdown")
    assert tuple(re.findall(r"^## \d (.*)$", text, re.M)) == SECTIONS
    for number, title in enumerate(SECTIONS, start=1):
        assert f"(#{number}-{title.replace(' ', '-')})" in text


def test_what_is_committed_has_outputs_and_no_mistakes(committed: nbformat.NotebookNode) -> None:
    nbformat.validate(committed)
    found = outputs(committed)
    assert not [o for o in found if o.output_type == "error" or o.get("name") == "stderr"]
    assert sum("image/png" in o.get("data", {}) for o in found) >= 8
    assert any("data-symnet-trace" in o.get("data", {}).get("text/html", "") for o in found)
    assert NOTEBOOK.stat().st_size < MOST_BYTES
    assert str(ROOT) not in NOTEBOOK.read_text(encoding="utf-8")


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
