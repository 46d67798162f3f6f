"""MathML read off LaTeX: every formula that symnet writes can be read, and says the same."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from symnet.compile import load, network
from symnet.gradients import gradients
from symnet.language.library import Definition, examples_of, load_library
from symnet.language.network import Network
from symnet.notation.mathml import UnknownLatex, markup, mathml
from symnet.trace import trace
from tests.modules import EXAMPLES
from tests.support import network_of

LIBRARY = load_library()
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.sym"))

CASES = {
    "letters": ("\\alpha x_{i}", "<mrow><mi>α</mi><msub><mi>x</mi><mi>i</mi></msub></mrow>"),
    "words": ("\\mathrm{loss\\_sum}_{n}", "<msub><mi>loss_sum</mi><mi>n</mi></msub>"),
    "one upright letter": ("\\mathrm{x}", '<mi mathvariant="normal">x</mi>'),
    "both scripts": ("W^{(1)}_{ij}", None),
    "fraction": ("\\frac{1}{N}", "<mfrac><mn>1</mn><mi>N</mi></mfrac>"),
    "sum": ("\\sum_{n} x_{n}", None),
    "sum with limits": (
        "\\sum_{i=0}^{K - 1} a",
        "<mrow><munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>0</mn></mrow><mrow><mi>K</mi><mo>−</mo><mn>1</mn>"
        "</mrow></munderover><mi>a</mi></mrow>",
    ),
    "delta": ("\\delta_{c, y_{n}}", None),
    "minus in front": ("-x - 2", None),
    "cases": (
        "\\begin{cases} a & \\text{if } b > 0 \\\\ c & \\text{otherwise} \\end{cases}",
        '<mrow><mo fence="true" form="prefix">{</mo><mtable class="cases"><mtr><mtd><mi>a</mi></mtd><mtd><mrow><mtext>'
        "\u00a0if\u00a0</mtext><mi>b</mi><mo>&gt;</mo><mn>0</mn></mrow></mtd></mtr><mtr><mtd><mi>c</mi></mtd><mtd>"
        "<mtext>\u00a0otherwise\u00a0</mtext></mtd></mtr></mtable></mrow>",
    ),
    "transposed": ("{W^{h}}^{\\top}", None),
    "stack": (
        "\\sum_{\\substack{o \\\\ u \\le i}} a",
        '<mrow><munder><mo>∑</mo><mtable class="stack"><mtr><mtd><mi>o</mi></mtd></mtr>'
        "<mtr><mtd><mrow><mi>u</mi><mo>≤</mo>"
        "<mi>i</mi></mrow></mtd></mtr></mtable></munder><mi>a</mi></mrow>",
    ),
    "primes": ("k''", None),
    "absolute": ("\\left|x\\right|", None),
    "floor": ("\\left\\lfloor x\\right\\rfloor", None),
}


@pytest.mark.parametrize(("latex", "expected"), CASES.values(), ids=CASES)
def test_formulas(latex: str, expected: str | None) -> None:
    text = markup(mathml(latex))
    ElementTree.fromstring(text)
    assert expected is None or text == expected


@pytest.mark.parametrize(
    "latex", ["\\input{x}", "\\frac{1}", "{x", "x}", "\\left(x", "\\begin{matrix}\\end{matrix}", "#"]
)
def test_anything_else_is_an_error(latex: str) -> None:
    with pytest.raises(UnknownLatex):
        mathml(latex)


def unread(net: Network) -> list[str]:
    """The formulas of a network that cannot be read, or that lose a letter."""
    found = gradients(net)
    latex = [f.latex() for f in found.lines] + [m.latex for f in found.lines if (m := f.matrix_form())]
    traced = trace(net)
    latex += [part.latex for part in (*traced.nodes, *traced.edges, *traced.steps)]
    latex += [part.latex for step in traced.steps for part in step.contributions]
    return [
        text
        for text in latex
        if not _letters(text) <= set("".join(ElementTree.fromstring(markup(mathml(text))).itertext()))
    ]


def _letters(latex: str) -> set[str]:
    import re

    plain = re.sub(r"\\(begin|end)\{cases\}|\\(mathrm|operatorname|text|mathbf|substack)\{", "{", latex).replace(
        "\\_", "_"
    )
    return {c for c in re.sub(r"\\[A-Za-z]+", " ", plain) if c.isalnum()}


@pytest.mark.parametrize("name", NAMES)
def test_the_formulas_of_the_examples(name: str) -> None:
    net = network(load(EXAMPLES / f"{name}.sym"))
    assert not unread(net)


@pytest.mark.parametrize("entry", LIBRARY.values(), ids=LIBRARY)
def test_the_formulas_of_the_library(entry: Definition) -> None:
    assert not unread(network_of(examples_of(entry)))


def test_text_is_escaped() -> None:
    assert markup(["mi", {"title": '"<'}, "<script>&"]) == "<mi title='\"&lt;'>&lt;script&gt;&amp;</mi>"
