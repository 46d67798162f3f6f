"""docs/cookbook.md: every spec compiles with gradients that are right, every script and command runs."""

import re
import runpy
import shlex
import sys
from pathlib import Path

import pytest

from symnet.cli import main
from symnet.compile import load, network
from symnet.gradients import gradients
from tests.modules import compiled

ROOT = Path(__file__).parents[2]
PAGE = ROOT.joinpath("docs", "cookbook.md").read_text(encoding="utf-8")
SPECS = re.findall(r"```sym\n(.*?)```", PAGE, re.DOTALL)
NAMES = [re.search(r"network (\w+)", spec).group(1) for spec in SPECS]
SECTIONS = {part.split("\n", 1)[0]: part for part in PAGE.split("\n## ")[1:]}


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A folder like a checkout, to run commands in."""
    (tmp_path / "build").mkdir()
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "README.md").symlink_to(ROOT / "README.md")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(ROOT / "examples"), *sys.path])
    return tmp_path


@pytest.mark.parametrize("spec", SPECS, ids=NAMES)
def test_specs_compile_and_their_gradients_are_right(spec):
    report = compiled(spec).report
    assert report is None or report.ok, str(report)


def test_the_names_of_the_specs_differ():
    assert len(set(NAMES)) == len(NAMES) > 15


SHOWN = re.findall(r"```sym\n((?:(?!```).)*)```\n(?:(?!```).)*```text\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(
    ("spec", "shown"), SHOWN, ids=[re.search(r"network (\w+)", spec).group(1) for spec, _ in SHOWN]
)
def test_the_formulas_that_are_shown_are_those_that_come(spec, shown):
    lines = [re.sub(r" +=", " =", line) for line in shown.splitlines()]
    assert set(lines) <= {f.formula for f in gradients(network(load(spec))).lines}


def test_formulas_are_shown():
    assert len(SHOWN) == PAGE.count("```text") == 3


@pytest.mark.parametrize("title", [title for title, text in SECTIONS.items() if "```python" in text])
def test_scripts_run(title, checkout, monkeypatch):
    monkeypatch.delitem(sys.modules, "model", raising=False)
    if "scipy" in SECTIONS[title]:
        pytest.importorskip("scipy")
    for block in re.findall(r"```python\n(.*?)```", SECTIONS[title], re.DOTALL):
        exec(compile(block, "cookbook.md", "exec"), {})


@pytest.mark.parametrize("title", [title for title, text in SECTIONS.items() if "```sh" in text])
def test_commands_run(title, checkout, monkeypatch, capsys):
    for command in re.findall(r"```sh\n(.*?)```", SECTIONS[title], re.DOTALL)[0].splitlines():
        program, *arguments = shlex.split(command)
        if program == "symnet":
            assert main(arguments) == 0, command
        else:
            monkeypatch.setattr(sys, "argv", arguments)
            runpy.run_path(arguments[0], run_name="__main__")
    assert "A network" in capsys.readouterr().out


@pytest.mark.parametrize("link", re.findall(r"\]\(#([\w-]+)\)", PAGE))
def test_links_lead_to_headings(link):
    headings = re.findall(r"^#+ (.+)$", PAGE, re.MULTILINE)
    assert link in [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]


def test_every_recipe_is_listed():
    listed = re.findall(r"\]\(#([\w-]+)\)", PAGE)
    assert len(listed) == len(SECTIONS) == len(set(listed))
