"""The data of a report: every number is the interpreter's, and the page around them is closed to everything else."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from functools import cache
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

import symnet
from symnet.compile import load, network
from symnet.errors import UsageError
from symnet.ir.interpret import interpret
from symnet.passes.differentiate import differentiate
from symnet.passes.lower import lower
from symnet.passes.order import ordered
from symnet.passes.pipeline import gradient_program
from symnet.report import Page
from symnet.report.code import code
from symnet.report.page import blob
from symnet.report.program import program
from symnet.report.walk import DIGITS, shown
from symnet.trace.evaluate import evaluate
from symnet.trace.scalars import unrolled
from symnet.trace.values import starting_values
from tests.modules import EXAMPLES
from tests.programs import random_program
from tests.support import network_of

POINTS: dict[str, dict[str, Any]] = {"scalar_graph": {"a": 2, "b": 1}, "linear_classifier": {"x": [1, 2], "t": [0, 1]}}
COMPARED = ("scalar_graph", "dag", "linear_classifier", "logistic_regression", "digits_mlp", "formula", "lstm_recall")


@cache
def report(name: str) -> Page:
    return symnet.report(EXAMPLES / f"{name}.sym", POINTS.get(name))


def agrees(data: Any, value: Any) -> bool:
    """Whether what a page shows of a value is right, to the digits that it keeps."""
    array = np.asarray(value, float)
    if not isinstance(data, dict):
        return array.ndim == 0 and data == pytest.approx(array.item(), rel=1e-12, abs=1e-15)
    near = {"rel": 10.0 ** (1 - DIGITS), "abs": 1e-12}
    measures = (
        [(data.get(key), f(array)) for key, f in (("min", np.min), ("max", np.max), ("mean", np.mean))]
        if array.size
        else []
    )
    elements = list(zip(data.get("data", []), array.ravel().tolist(), strict="data" in data))
    return data["shape"] == list(array.shape) and all(
        a == pytest.approx(float(b), **near) for a, b in measures + elements
    )


# --- numbers ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMPARED)
def test_every_number_of_a_tensor_walk_is_the_interpreters(name: str) -> None:
    net = network(load(EXAMPLES / f"{name}.sym"))
    starting, sizes = starting_values(net, POINTS.get(name, {}))
    forward = lower(net, (net.objective,))
    given = [n for n, t in forward.tensors.items() if t.given and not t.integer and n in forward.readers]
    derived = ordered(differentiate(forward, {net.objective: None}, given).program)
    numbers = interpret(derived, {n: v for n, v in starting.items() if n in derived.tensors}, sizes)
    adjoints = {t.of: n for n, t in derived.tensors.items() if t.role == "adjoint"}
    walks = [walk for walk in report(name).data["walks"] if not walk["scalars"]]
    assert walks or name == "scalar_graph"
    for walk in walks:
        for node in walk["nodes"]:
            assert agrees(node["value"], numbers[node["name"]]), node["name"]
            if node["adjoint"] is not None:
                assert agrees(node["adjoint"], numbers[adjoints[node["name"]]]), node["name"]
        for step in walk["back"]:
            adjoint = walk["nodes"][step["node"]]["adjoint"]
            means = [
                part["value"]["mean"] if isinstance(part["value"], dict) else part["value"] for part in step["parts"]
            ]
            total = adjoint["mean"] if isinstance(adjoint, dict) else adjoint
            assert not means or sum(means) == pytest.approx(total, rel=1e-5, abs=1e-6 * max(map(abs, means)))


@pytest.mark.parametrize("name", ["scalar_graph", "dag", "linear_classifier"])
def test_every_number_of_a_scalar_walk_is_the_traces(name: str) -> None:
    walk = next(walk for walk in report(name).data["walks"] if walk["scalars"])
    found = symnet.trace(EXAMPLES / f"{name}.sym", POINTS.get(name), scalars=True)
    assert [(n["name"], n["value"], n["adjoint"]) for n in walk["nodes"]] == [
        (n.name, n.value, next(s.value for s in found.steps if s.node == n.name)) for n in found.nodes
    ]
    assert [e["value"] for e in walk["edges"]] == [e.value for e in found.edges]
    for step, data in zip(found.steps, walk["back"], strict=True):
        assert [part["value"] for part in data["parts"]] == [part.value for part in step.contributions]
        for part in data["parts"]:
            edge = walk["edges"][part["edge"]]
            assert edge["from"] == data["node"]
            assert part["value"] == edge["value"] * walk["nodes"][edge["to"]]["adjoint"]


def test_costs_are_those_of_the_summary() -> None:
    found = symnet.summary(EXAMPLES / "digits_mlp.sym")
    data = report("digits_mlp").data["cost"]
    assert data["totals"]["forward"] == ["9,645*N", found.forward.value(found.sizes)]
    assert [row["backward"][1] for row in data["rows"]] == [row.backward.value(found.sizes) for row in found.rows]
    assert report("digits_mlp").data["evaluations"] == 2 * 4810


def test_the_error_of_differences_has_the_shape_of_a_v() -> None:
    plots = {plot["name"]: plot for plot in report("digits_mlp").data["plots"]}
    for kind, order in (("oneSided", 1), ("central", 2)):
        errors = plots["h.W"][kind]
        best = min(range(len(errors)), key=errors.__getitem__)
        assert 5 < best < len(errors) - 5
        assert errors[-1] > 1e3 * errors[best]
        slope = math.log10(errors[1] / errors[5]) / 2  # over two powers of ten
        assert slope == pytest.approx(order, abs=0.1)


def test_the_gradient_of_the_plot_is_the_traces() -> None:
    found = symnet.trace(EXAMPLES / "linear_classifier.sym", POINTS["linear_classifier"])
    for plot in report("linear_classifier").data["plots"]:
        gradient = np.asarray(found.gradients[plot["name"]])
        assert plot["exact"] == pytest.approx(gradient[tuple(plot["entry"])], rel=1e-12)
        assert abs(plot["exact"]) == np.abs(gradient).max()


@pytest.mark.parametrize("seed", range(120))
def test_whole_arrays_give_the_interpreters_numbers(seed: int) -> None:
    r = random_program(seed, recurrences=seed % 3 == 0)
    slow, fast = interpret(r.program, r.values(), r.sizes), evaluate(r.program, r.values(), r.sizes)
    for name, value in slow.items():
        assert value.dtype == fast[name].dtype
        np.testing.assert_allclose(fast[name], value, rtol=1e-10, atol=1e-12, err_msg=name)


def test_numbers_that_are_not_finite_are_texts() -> None:
    assert [shown(v) for v in (math.inf, -math.inf, math.nan, None, 2)] == ["inf", "-inf", "nan", None, 2]
    assert shown(np.array([math.inf, 1.0]))["data"] == ["inf", 1.0]
    json.loads(blob({"values": [shown(np.array([np.nan])), shown(np.zeros((0, 2)))]}))


# --- the program of a scalar graph -----------------------------------------------------------------


def scalars_of(text: str) -> tuple[Any, Any]:
    net = network_of(text)
    starting, sizes = starting_values(net, {})
    return net, unrolled(net, str(net.objective), starting, sizes)


def test_the_program_of_the_scalar_graph() -> None:
    net, scalars = scalars_of((EXAMPLES / "scalar_graph.sym").read_text())
    found = program(net, scalars)
    assert found is not None
    assert found["nodes"] == [None, None, ["add/2", [0, 1]], ["add/2", [1, [1.0]]], ["mul/2", [2, 3]]]
    assert found["words"]["mul/2"] == {"value": ["x0", "x1", "*"], "partials": [["x1"], ["x0"]]}


CHOOSING = {
    "where": "where(u > 0, u, 2*u)",
    "comparison": "u*(u > 0)",
    "argmax": "w[argmax(i: w[i])]",
    "filter": "sum(i if w[i] > 0: w[i])",
    "stop": "stop(u)*u",
}


@pytest.mark.parametrize("formula", CHOOSING.values(), ids=CHOOSING)
def test_a_graph_that_chooses_has_no_program(formula: str) -> None:
    net, scalars = scalars_of(f"param u ~ constant(1)\nparam w[i: 2] ~ normal\ny = {formula} + u + w[0]\nminimize y\n")
    assert program(net, scalars) is None


def test_integers_may_choose() -> None:
    net, scalars = scalars_of(
        "input n[2] < 3\nparam w[i: 3] ~ normal\ny = sum(k: where(n[k] == 1, w[n[k]], w[0])**2)\nminimize y\n"
    )
    assert program(net, scalars) is not None


# --- the page --------------------------------------------------------------------------------------


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the texts of script and style."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"script": [], "style": []}
        self.inside = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.found.append((tag, dict(attrs)))
        self.inside = tag
        if tag in self.texts:
            self.texts[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside in self.texts:
            self.texts[self.inside][-1] += data


def test_the_policy_allows_one_script_and_one_style() -> None:
    page = Elements(report("digits_mlp").html)
    policy = next(a["content"] or "" for tag, a in page.found if a.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert rules["script-src"] == digest(page.texts["script"][1])
    assert rules["style-src"] == digest(page.texts["style"][0])
    assert len(page.texts["script"]) == 2 and len(page.texts["style"]) == 1
    assert not [a for _, a in page.found if {"src", "style", "onclick", "onload"} & a.keys()]
    assert not [a for tag, a in page.found if tag in ("link", "iframe", "img", "object", "form")]


def test_the_script_makes_no_markup_of_text() -> None:
    script = Elements(report("digits_mlp").html).texts["script"][1]
    assert not re.findall(
        r"innerHTML|outerHTML|insertAdjacent|\beval\b|new Function|document\.write|fetch\(|XMLHttp|import\(", script
    )


def test_the_page_holds_its_data_and_is_small() -> None:
    page = report("digits_mlp")
    assert json.loads(Elements(page.html).texts["script"][0]) == json.loads(json.dumps(page.data))
    assert len(page.html.encode()) < 400_000


def test_a_notebook_shows_the_page_in_a_frame() -> None:
    shown = report("scalar_graph")._repr_html_()
    assert shown.startswith("<iframe ") and shown.count("<") == 2 and 'sandbox="allow-scripts"' in shown


def test_the_same_spec_gives_the_same_page() -> None:
    assert symnet.report(EXAMPLES / "dag.sym").html == symnet.report(EXAMPLES / "dag.sym").html


def test_nothing_ends_the_data() -> None:
    text = blob({"a": "</script><!-- & \u2028", "b": ["<"]})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"a": "</script><!-- & \u2028", "b": ["<"]}


# --- formulas and code -----------------------------------------------------------------------------


def test_the_three_forms() -> None:
    found = report("digits_mlp").data["formulas"]
    gradients = symnet.gradients(EXAMPLES / "digits_mlp.sym")
    names = ["h.W", "h.b", "logits.W", "logits.b"]
    assert [line["of"] for line in found["simplified"]] == names
    assert [line["latex"] for line in found["simplified"]] == [gradients[name].expanded.latex() for name in names]
    assert [line["latex"] for line in found["emitted"]] == [line.latex() for line in gradients.lines]
    rule = {line["name"]: line for line in found["rule"]}
    assert rule["dlogits"]["uses"] == ["dloss", "dloss_sum"]
    assert rule["dlogits.b"]["latex"].endswith("\\sum_{n} \\frac{\\partial L}{\\partial \\mathrm{logits}_{no}}")
    assert {line["name"] for line in found["rule"]} >= {f"d{name}" for name in names}


def test_the_code_knows_its_formulas() -> None:
    found = report("digits_mlp").data["code"]
    lines = found["source"].split("\n")
    assert lines[found["first"]].startswith("def _step(") and lines[found["last"]].startswith("    return ")
    blocks = {name: lines[first : last + 1] for name, first, last in found["blocks"]}
    assert [line.strip() for line in blocks["dh.W"]] == [
        "# dh.W[i, o] = sum(n: x[n, i]*dh_sum[n, o])",
        "x.T.dot(dh_sum, dh_W)",
    ]
    assert set(blocks) >= {"h_sum", "h", "loss", "dlogits", "dh_sum"}


def test_code_without_a_step() -> None:
    assert code("x = 1\n")["blocks"] == []


# --- large networks, mistakes ----------------------------------------------------------------------


LONG = """network long
const depth = 1200
param x ~ constant(1)
h{0} = x
for l in 1..depth:
    h{l} = sin(h{l-1})
minimize h{depth-1}
"""


def test_the_numbers_of_a_table() -> None:
    page = symnet.report(LONG)
    net = symnet.network(LONG)
    derived = gradient_program(net)
    numbers = interpret(derived.program, {"x": 1.0})
    assert page.data["walks"] == []
    assert [row["value"] for row in page.data["table"]["rows"]] == [
        pytest.approx(numbers[s.target.tensor].item(), rel=1e-12) for s in derived.program.statements
    ]


def test_groups_of_a_large_graph_stay_closed() -> None:
    lines = "".join(f"h{k + 1} = dense(h{k}, 3, activation=tanh)\n" for k in range(60))
    page = symnet.report(
        f"network deep\ninput h0[N, 3]\n{lines}y[n] = h60[n, 0]\nminimize mean(n: y[n]**2)\n", check=False
    )
    walk = page.data["walks"][0]
    assert len(walk["nodes"]) > 150
    assert [picture["open"] for picture in walk["pictures"]] == [[]]


def test_mistakes() -> None:
    with pytest.raises(UsageError, match="minimises nothing"):
        symnet.report("network n\ninput x[N]\ny[n] = x[n]\noutput y\n")
    with pytest.raises(UsageError, match="'A' is no tensor"):
        symnet.report(EXAMPLES / "scalar_graph.sym", {"A": 1})
