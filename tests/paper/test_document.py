"""The document: LaTeX takes it, lines fit, what is referred to is there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

import symnet
from symnet.cli import cli
from symnet.errors import UsageError
from symnet.paper import Paper
from symnet.paper.document import INDENT, LINE, NUMBER
from symnet.paper.lines import broken, terms, width
from tests.modules import EXAMPLES

# How far into the margin a line may reach, in points.
MOST_OVERFULL = 5.0


def paper_of(name: str) -> Paper:
    return symnet.paper(EXAMPLES / f"{name}.sym", constants={"depth": 1} if name == "gpt_small" else None)


def test_latex_takes_the_digits_network(tmp_path: Path) -> None:
    log = typeset(paper_of("digits_by_hand"), tmp_path)
    assert "Output written on gradients.pdf (2 pages" in log
    assert not [float(x) for x in re.findall(r"Overfull \\hbox \(([\d.]+)pt", log) if float(x) > MOST_OVERFULL]
    assert "undefined" not in log


def typeset(paper: Paper, folder: Path) -> str:
    """The log of LaTeX, run twice for the numbers."""
    assert shutil.which("pdflatex"), "there is no pdflatex; .ci/latex installs it"
    paper.save(folder / "gradients.tex")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "gradients.tex"]
    for _ in range(2):
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
        assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    return (folder / "gradients.log").read_text(errors="replace").replace("\n", "")


@pytest.mark.parametrize("name", sorted(path.stem for path in EXAMPLES.glob("*.sym")))
def test_structure(name: str) -> None:
    text = paper_of(name).latex()
    labels = re.findall(r"\\label\{([^}]*)\}", text)
    assert len(labels) == len(set(labels)) > 0
    assert set(re.findall(r"\\eqref\{([^}]*)\}", text)) <= set(labels)
    assert text.count("\\begin{align}") == text.count("\\end{align}") > 0
    for line in text.splitlines():
        bare = line.replace("\\{", "").replace("\\}", "")
        assert bare.count("{") == bare.count("}"), line
        assert bare.count("\\left") == bare.count("\\right"), line
    # Fractions and roots are not broken; all else fits.
    wide = [row for row in rows_of(text) if width(row) > LINE + NUMBER and "\\frac" not in row]
    assert not wide


def rows_of(text: str) -> list[str]:
    return [line.partition("\\why")[0].replace("&", "") for line in text.splitlines() if " &" in line and "=" in line]


def test_markdown_has_the_same_formulas() -> None:
    paper = paper_of("digits_mlp")
    text = paper.markdown()
    count = len(paper.derivation.values) + len(paper.derivation.adjoints)
    assert text.count("\\tag{") == count == paper.latex().count("\\label{")
    assert text.count("$$") == 2 * count
    assert f"\\tag{{{count}}}" in text and "\\eqref" not in text
    assert paper._repr_markdown_() == text
    assert not re.search(r"\\[_{}]|operatorname", text)


def test_broken_lines_say_the_same() -> None:
    formula = " + ".join(f"\\left(a_{{{k}}} - \\frac{{b}}{{c}}\\right)" for k in range(20))
    lines = broken(formula, 20, 18)
    assert len(lines) > 3 and "".join(lines) == formula
    assert all(width(line) <= 20 for line in lines)
    assert all(line.startswith(" + ") for line in lines[1:])


def test_a_product_is_broken_inside_of_its_brackets() -> None:
    formula = f"\\frac{{1}}{{N}} \\left({' + '.join('abcdefghijklmnopqrstuvw')}\\right) x"
    lines = broken(formula, 15, 15 - INDENT)
    assert len(lines) > 1 and "\\left" not in "".join(lines)
    assert "".join(lines).replace("\\Bigl(", "\\left(").replace("\\Bigr)", "\\right)") == formula


def test_signs_inside_of_braces_are_no_places_to_break() -> None:
    assert terms("x_{i + 1} - \\frac{a + b}{c} + \\left(d - e\\right)") == [
        "x_{i + 1}", " - \\frac{a + b}{c}", " + \\left(d - e\\right)",
    ]  # fmt: skip


# --- the command ---


def test_the_command_writes_what_the_name_says(tmp_path: Path) -> None:
    spec = str(EXAMPLES / "scalar_graph.sym")
    done = CliRunner().invoke(cli, ["paper", spec, "-o", str(tmp_path / "g.tex")], standalone_mode=False)
    assert not done.exception and "formulas" in done.output
    assert (tmp_path / "g.tex").read_text().startswith("% The gradients of scalar\\_graph")
    printed = CliRunner().invoke(cli, ["paper", spec], standalone_mode=False)
    assert printed.output.startswith("# The gradients of `scalar_graph`")


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="as .tex or .md"):
        paper_of("scalar_graph").save(tmp_path / "g.pdf")
    assert not list(tmp_path.iterdir())
