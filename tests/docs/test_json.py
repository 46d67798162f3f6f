"""What `--json` prints is what docs/json.md shows; `pytest --update-golden` writes it anew."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from symnet.cli import main

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "json.md"
BLOCK = re.compile(r"```json (symnet [^\n]*)\n(.*?)```", re.S)
COMMANDS = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
CODES = {"symnet summary examples/none.sym --json": 2}
# Numbers that a machine's arithmetic decides: their last digits are not shown.
ROUGH = ("check", "train")


def printed(command: str, capsys: pytest.CaptureFixture[str]) -> Any:
    assert main(command.split()[1:]) == CODES.get(command, 0)
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("command, text", COMMANDS, ids=[command for command, _ in COMMANDS])
def test_the_page_shows_what_is_printed(
    command: str,
    text: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    pytestconfig: pytest.Config,
) -> None:
    monkeypatch.chdir(ROOT)
    found = printed(command, capsys)
    if command.split()[1] in ROUGH:
        found = rough(found)
    if pytestconfig.getoption("--update-golden"):
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(page.replace(f"```json {command}\n{text}", f"```json {command}\n{laid(found)}\n"), "utf-8")
        return
    assert json.loads(text) == found, "pytest -n 0 --update-golden writes it anew"


def test_every_kind_is_shown() -> None:
    assert {command.split()[1] for command, _ in COMMANDS} == {"gradients", "trace", "summary", "check", "train"}


def rough(value: Any) -> Any:
    """Fractions with one digit."""
    if isinstance(value, dict):
        return {key: rough(item) for key, item in value.items()}
    if isinstance(value, list):
        return [rough(item) for item in value]
    return float(f"{value:.0e}") if isinstance(value, float) else value


def laid(value: Any, indent: str = "") -> str:
    """JSON that people can read: what fits into a line stands in one."""
    whole = json.dumps(value, ensure_ascii=False)
    if len(whole) + len(indent) <= 110 or not isinstance(value, dict | list):
        return whole
    deeper = indent + "  "
    if isinstance(value, dict):
        rows = [f"{deeper}{json.dumps(key)}: {laid(item, deeper)}" for key, item in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    return "[\n" + ",\n".join(deeper + laid(item, deeper) for item in value) + f"\n{indent}]"


def test_a_spec_with_two_mistakes_has_both(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "wrong.sym"
    spec.write_text("network wrong\ny = smu(i: x)\nz = (1\n")
    assert main(["gradients", str(spec), "--json"]) == 2
    captured = capsys.readouterr()
    error = json.loads(captured.out)["error"]
    assert captured.err == ""
    assert error["exit_code"] == 2 and len(error.get("errors", [error])) >= 1
    first = error.get("errors", [error])[0]
    assert first["place"]["file"] == str(spec) and first["place"]["line"] >= 2


def test_the_hessian_as_json(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    arguments = ["gradients", "examples/logistic_regression.sym", "--order", "2", "--wrt", "w", "--json"]
    assert main(arguments) == 0
    found = json.loads(capsys.readouterr().out)
    assert [row["of"] for row in found["formulas"] if row["wanted"]] == [["w", "w"]]
