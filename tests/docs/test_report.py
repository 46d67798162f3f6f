"""docs/report.md: its commands and its Python run."""

import re
import shlex
from pathlib import Path

import numpy as np
import pytest

from symnet.cli import main

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")


def blocks(language):
    """The code blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the examples, and a spec and data of one's own."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "mine.sym").write_text("network mine\ninput x[N, 2]\ny = dense(x, 1)\nminimize mean(n: y[n, 0]**2)\n")
    np.savez(tmp_path / "batch.npz", x=np.ones((3, 2)))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_commands(folder):
    for command in "".join(blocks("sh")).splitlines():
        assert main(shlex.split(command)[1:]) == 0, command
    assert {path.name for path in folder.glob("*.html")} == {"report.html", "digits.html", "mine.html"}


@pytest.mark.parametrize("block", blocks("python"))
def test_python(block, folder, capsys):
    exec(compile(block, "docs/report.md", "exec"), {})
    assert capsys.readouterr().out.endswith("characters of SVG\n")
