"""What the README shows works: every spec compiles, every command and every Python block runs."""

import re
import shlex
from pathlib import Path

import pytest

import symnet
from symnet.cli import main

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    """The code blocks of a language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A folder like a checkout after `make demo`, to run commands in."""
    (tmp_path / "build").mkdir()
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("spec", blocks("sym"))
def test_specs_compile(spec):
    assert symnet.compile(symnet.load(spec)).report.ok


@pytest.mark.parametrize("block", blocks("python"))
def test_python_runs(block, checkout):
    exec(compile(block, "README.md", "exec"), {})


def test_commands_run(checkout, capsys):
    pytest.importorskip("sklearn")
    commands = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("symnet ")]
    assert len(commands) == 6
    for command in commands:
        assert main(shlex.split(command)[1:]) == 0, command
    assert "accuracy" in capsys.readouterr().out
    assert {path.name for path in (checkout / "build").iterdir()} >= {
        "digits.py",
        "weights.npz",
        "out.npz",
        "report.html",
    }


def test_two_commands_set_everything_up():
    commands = [line.split("#")[0].strip() for line in blocks("sh")[0].splitlines()]
    assert commands == ["make demo", "make test"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(f"\n{command.removeprefix('make ')}:" in makefile for command in commands)


def test_files_that_it_points_to_exist():
    for path in re.findall(r"\]\((?!http)([^)#]+)\)", TEXT):
        assert (ROOT / path).exists(), path
