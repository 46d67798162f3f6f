"""`symnet report` and `symnet draw` on the command line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from symnet.cli import main
from tests.modules import EXAMPLES


def data_of(path: Path) -> dict:
    return json.loads(re.search(r'id="data">(.*?)</script>', path.read_text(encoding="utf-8"), re.DOTALL)[1])


def value_of(path: Path, name: str) -> float:
    return next(n["value"] for n in data_of(path)["walks"][-1]["nodes"] if n["name"] == name)


def test_report(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["report", str(EXAMPLES / "scalar_graph.sym"), "a=3", "b=1"]) == 0
    assert capsys.readouterr().out == "wrote report.html\n"
    assert value_of(tmp_path / "report.html", "e") == 8


def test_values_from_a_file(tmp_path) -> None:
    np.savez(tmp_path / "point.npz", x=np.array([1.0, 2.0]), t=np.array([0.0, 1.0]))
    out = tmp_path / "page.html"
    arguments = ["report", str(EXAMPLES / "linear_classifier.sym"), "--values", str(tmp_path / "point.npz")]
    assert main([*arguments, "b=[0,5]", "-o", str(out), "--no-check"]) == 0
    assert (value_of(out, "x[1]"), value_of(out, "b[1]")) == (2, 5)
    assert data_of(out)["check"] is None and "symnet check" in data_of(out)["unchecked"]


MISTAKES = [
    (["report", "scalar_graph", "A=2"], "'A' is no tensor"),
    (["report", "scalar_graph", "a=two"], "is no number"),
    (["report", "scalar_graph", "--values", "missing.npz"], "missing.npz"),
    (["report", "scalar_graph", "-o", "nowhere/page.html"], "cannot write"),
    (["draw", "scalar_graph", "-o", "graph.pdf"], "no ending"),
    (["draw", "digits_mlp", "--scalars", "-o", "graph.svg"], "more than 5,000 operations"),
]


@pytest.mark.parametrize(("arguments", "message"), MISTAKES, ids=[row[1] for row in MISTAKES])
def test_mistakes(arguments, message, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    verb, name, *rest = arguments
    assert main([verb, str(EXAMPLES / f"{name}.sym"), *rest]) == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_name_given_twice(tmp_path, capsys) -> None:
    np.savez(tmp_path / "point.npz", a=np.array(1.0))
    arguments = ["report", str(EXAMPLES / "scalar_graph.sym"), "a=2", "--values", str(tmp_path / "point.npz")]
    assert main([*arguments, "-o", str(tmp_path / "page.html")]) == 2
    assert "a is given twice" in capsys.readouterr().err


def test_draw(tmp_path, capsys) -> None:
    spec = str(EXAMPLES / "lenet.sym")
    assert main(["draw", spec]) == 0
    assert capsys.readouterr().out.startswith("<svg ")
    for name in ("graph.svg", "graph.dot", "graph.png"):
        assert main(["draw", spec, "--closed", "-o", str(tmp_path / name)]) == 0
    assert "max_pool2d" not in (tmp_path / "graph.svg").read_text(encoding="utf-8")
    assert (tmp_path / "graph.png").read_bytes()[:4] == b"\x89PNG"
