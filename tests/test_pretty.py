"""In a terminal: tables and colours that say what the plain text says."""

from __future__ import annotations

import io
import re
import sys

import pytest

from symnet.cli import main
from symnet.commands.pretty import coloured
from tests.modules import EXAMPLES

ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
COMMANDS = {
    "trace": ["trace", str(EXAMPLES / "scalar_graph.sym"), "a=2", "b=1"],
    "summary": ["summary", str(EXAMPLES / "digits_mlp.sym")],
    "gradients": ["gradients", str(EXAMPLES / "digits_by_hand.sym")],
}


class Terminal(io.StringIO):
    """An output that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def shown(name: str, output: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    for variable, value in (("TERM", "xterm-256color"), ("COLUMNS", "140"), ("FORCE_COLOR", None), ("NO_COLOR", None)):
        if value is None:
            monkeypatch.delenv(variable, raising=False)
        else:
            monkeypatch.setenv(variable, value)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", output)
        assert main(COMMANDS[name]) == 0
    return output.getvalue()


@pytest.mark.parametrize("name", COMMANDS)
def test_a_terminal_gets_colours_and_a_pipe_does_not(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = shown(name, io.StringIO(), monkeypatch)
    pretty = shown(name, Terminal(), monkeypatch)
    assert not ESCAPE.search(plain) and ESCAPE.search(pretty)
    # Every number and every name of the plain text is there.
    wanted = set(re.findall(r"[∂δ]?[\w.]*\d[\w.,*]*", plain))
    assert wanted <= set(re.findall(r"[∂δ]?[\w.]*\d[\w.,*]*", ESCAPE.sub("", pretty)))


def test_colours_can_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    output = Terminal()
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr(sys, "stdout", output)
    assert main(COMMANDS["gradients"]) == 0
    assert not re.search(r"\x1b\[[0-9;]*3\dm", output.getvalue())


def test_the_parts_of_a_formula_have_styles() -> None:
    text = coloured("dW[i, j] = 2*sum(n: tanh(x[n, i])*δ(i, j)) + data", {"dW"})
    found = {text.plain[span.start : span.end]: str(span.style) for span in text.spans}
    assert found["dW"] == "bold cyan" and found["sum"] == "magenta" and found["tanh"] == "blue"
    assert found["δ"] == "yellow" and found["2"] == "green" and "data" not in found
