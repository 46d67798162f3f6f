"""How things look in a cell of a notebook: escaped, and complete without scripts."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from typing import Any

import pytest

import symnet
from symnet.markup import listing, table
from tests.modules import EXAMPLES

SPEC = EXAMPLES / "linear_classifier.sym"
HOSTILE = (
    "network mine\n# </pre><script>alert(1)</script>\ninput x[3]\nparam w[i: 3] ~ ones\nminimize sum(i: w[i]*x[i])\n"
)

MAKERS = {
    "network": lambda spec: symnet.network(spec),
    "trace": lambda spec: symnet.trace(spec),
    "summary": lambda spec: symnet.summary(spec),
    "check": lambda spec: symnet.check(spec),
    "module": lambda spec: symnet.compile(spec),
    "stability": lambda spec: symnet.stability(spec),
}


class Tags(HTMLParser):
    """Which tags are opened, and whether each is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.seen.append(tag)
        if tag not in ("input", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags_of(html: str) -> list[str]:
    parser = Tags()
    parser.feed(html)
    assert not parser.open
    return parser.seen


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("spec", [SPEC.read_text(), HOSTILE], ids=["classifier", "hostile"])
def test_a_cell_is_whole_and_harmless(name: str, spec: str) -> None:
    html = MAKERS[name](spec)._repr_html_()
    tags = tags_of(html)
    assert tags.count("script") == (name == "trace")
    assert "alert(1)" not in re.sub(r"&lt;script&gt;alert\(1\)", "", html)
    assert "http" not in html and "src=" not in html


def test_a_program_and_a_run() -> None:
    from symnet.passes.pipeline import gradient_program

    derived = gradient_program(symnet.network(SPEC))
    assert "dW[k, i]" in derived._repr_html_() and tags_of(derived.program._repr_html_()) == ["pre"]
    run = symnet.train(EXAMPLES / "digits_mlp.sym", "sklearn:digits", epochs=2)
    html = run._repr_html_()
    assert html.count("<polyline") == 3 and "accuracy" in html
    ElementTree.fromstring(html[: html.index("<table")])


def test_a_trace_shows_every_step_without_a_script() -> None:
    trace = symnet.trace(EXAMPLES / "scalar_graph.sym", {"a": 2, "b": 1})
    html = trace._repr_html_()
    before = html.partition("<script>")[0]
    assert before.count("<tr data-step=") == len(trace.nodes) + len(trace.steps)
    assert "∂d/∂b·dd + ∂c/∂b·dc" in before and "1·3 + 1·2" in before and ">5<" in before
    assert "hidden" in before  # the buttons, which do nothing without a script
    assert html == symnet.trace(EXAMPLES / "scalar_graph.sym", {"a": 2, "b": 1})._repr_html_()


def test_a_wrong_gradient_stands_out() -> None:
    from dataclasses import replace

    report = symnet.check(SPEC)
    wrong = replace(report, rows=(replace(report.rows[0], wrong=True), *report.rows[1:]))
    assert "#d1242f" in wrong._repr_html_() and "#d1242f" not in report._repr_html_()
    assert "WRONG gradient of W" in wrong._repr_html_()


def test_formulas_are_latex() -> None:
    found = symnet.gradients(SPEC)
    assert found._repr_latex_().startswith("$\\displaystyle \\begin{aligned}")
    assert found["W"]._repr_latex_().startswith("$\\displaystyle \\frac{\\partial L}{\\partial W_{ki}}")
    assert "at 0x" not in repr(found)


def test_texts_are_escaped() -> None:
    assert "<b>" not in table(["<b>"], [["<b>"]]).replace("<thead>", "").replace("<tbody>", "")
    assert listing("<i>", "<i>").count("&lt;i&gt;") == 2
