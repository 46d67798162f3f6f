"""The trace: the numbers of a forward and a backward pass, by tensors and by single operations."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from symnet.compile import load, network
from symnet.errors import UsageError
from symnet.ir.interpret import interpret
from symnet.language.library import Definition, examples_of, load_library
from symnet.language.network import Network
from symnet.passes.pipeline import gradient_program
from symnet.trace import Trace, trace
from symnet.trace.operations import local_gradient, local_text, value_of
from symnet.trace.values import starting_values
from tests.modules import EXAMPLES
from tests.support import network_of

LIBRARY = load_library()
SMALL = ("scalar_graph", "dag", "linear_classifier", "logistic_regression", "formula")


def example(name: str, **constants: int) -> Network:
    return network(load(EXAMPLES / f"{name}.sym"), constants=constants)


# --- the lecture's graph ---------------------------------------------------------------------------


@pytest.mark.parametrize("scalars", [False, True])
def test_scalar_graph(scalars: bool) -> None:
    found = trace(example("scalar_graph"), {"a": 2, "b": 1}, scalars=scalars)
    assert [(n.symbol, n.formula, n.value) for n in found.nodes] == [
        ("a", "", 2),
        ("b", "", 1),
        ("c", "a + b", 3),
        ("d", "b + 1", 2),
        ("e", "c*d", 6),
    ]
    assert [(e.symbol, e.local, e.value) for e in found.edges] == [
        ("∂c/∂a", "1", 1),
        ("∂c/∂b", "1", 1),
        ("∂d/∂b", "1", 1),
        ("∂e/∂c", "d", 2),
        ("∂e/∂d", "c", 3),
    ]
    assert found.gradients == {"a": 2, "b": 5}
    assert found.paths == {"a": 1, "b": 2}
    steps = {step.node: step for step in found.steps}
    assert list(steps) == ["e", "d", "c", "b", "a"]
    assert [(c.child, c.formula, c.numbers, c.value) for c in steps["b"].contributions] == [
        ("d", "∂d/∂b·dd", "1·3", 3),
        ("c", "∂c/∂b·dc", "1·2", 2),
    ]


def test_scalar_graph_as_text() -> None:
    lines = [line.strip() for line in str(trace(example("scalar_graph"), {"a": 2, "b": 1})).split("\n")]
    assert "c  =  a + b  =  3" in lines
    assert "∂e/∂d  =  c  =  3" in lines
    assert "db = ∂d/∂b·dd + ∂c/∂b·dc = 1·3 + 1·2 = 5" in lines
    assert "∂e/∂a  =  2" in lines
    assert "∂e/∂b  =  5" in lines
    assert "3 paths lead to e (1 from a, 2 from b), over 5 edges." in lines
    assert max(map(len, lines)) <= 110


def test_a_shared_node_adds_up_what_comes_back() -> None:
    found = trace(example("dag"), {"x": 0.5})
    step = next(step for step in found.steps if step.node == "h2")
    assert [c.child for c in step.contributions] == ["g2", "g1"]
    assert step.value == pytest.approx(sum(c.value for c in step.contributions))
    assert next(e.local for e in found.edges if e.symbol == "∂w/∂g2") == "-w/g2"
    assert found.paths == {"x": 4}


@pytest.mark.parametrize("scalars", [False, True])
def test_there_are_more_paths_than_edges(scalars: bool) -> None:
    found = trace(example("path_blowup"), scalars=scalars)
    assert found.paths == {"x": 2**40}
    assert len(found.edges) < 250
    assert "1,099,511,627,776 paths lead to" in str(found)


# --- single operations -----------------------------------------------------------------------------


def test_linear_classifier_down_to_scalars() -> None:
    found = trace(example("linear_classifier"), {"x": [1, 2], "t": [0, 1]}, scalars=True)
    formulas = {n.symbol: n.formula for n in found.nodes}
    assert [formulas[name] for name in ("z[0]", "q[0]", "s", "p[1]", "loss")] == [
        "b[0] + v3",
        "exp(z[0])",
        "q[0] + q[1]",
        "q[1]/s",
        "-v11",
    ]
    assert all(len([c for c in formula if c in "+*/-"]) <= 1 for formula in formulas.values())
    local = {e.symbol: e.local for e in found.edges}
    assert (local["∂q[0]/∂z[0]"], local["∂p[0]/∂s"], local["∂v9/∂p[1]"]) == ("q[0]", "-q[0]/s**2", "1/p[1]")
    p = [n.value for n in found.nodes if n.name in ("p[0]", "p[1]")]
    assert [found.gradients["b[0]"], found.gradients["b[1]"]] == pytest.approx([p[0], p[1] - 1])


OPERATIONS = [
    ("mul", (2.0, 3.0), ("b", "a")),
    ("div", (2.0, 3.0), ("1/b", "-a/b**2")),
    ("pow", (2.0, 3.0), None),
    ("sub", (2.0, 3.0), ("1", "-1")),
    ("exp", (0.3,), ("y",)),
    ("tanh", (0.3,), ("1 - y**2",)),
    ("sigmoid", (0.3,), ("y*(1 - y)",)),
    ("log", (0.3,), ("1/a",)),
    ("sqrt", (0.3,), None),
    ("max2", (0.3, 0.4), None),
    ("abs", (-0.3,), None),
    ("erf", (0.3,), None),
    ("softplus", (0.3,), ("sigmoid(a)",)),
    ("sin", (0.3,), ("cos(a)",)),
]


@pytest.mark.parametrize(("name", "arguments", "texts"), OPERATIONS, ids=[row[0] for row in OPERATIONS])
def test_local_gradients_agree_with_differences(name: str, arguments: tuple[float, ...], texts: Any) -> None:
    own = value_of(name, arguments)
    for k in range(len(arguments)):
        above, below = ([a + s if j == k else a for j, a in enumerate(arguments)] for s in (1e-6, -1e-6))
        slope = (value_of(name, tuple(above)) - value_of(name, tuple(below))) / 2e-6
        assert local_gradient(name, arguments, own, k) == pytest.approx(slope, rel=1e-7)
        if texts is not None:
            assert local_text(name, ("a", "b")[: len(arguments)], "y", k) == texts[k]


# --- both kinds of trace give the gradient ---------------------------------------------------------


def differing(net: Network, scalars: bool) -> list[str]:
    """The parameters whose gradient is another one in the trace than in the program."""
    values, sizes = starting_values(net, {}, seed=3)
    values = {name: value + (0.05 if value.dtype.kind == "f" else 0) for name, value in values.items()}
    found: Trace = trace(net, values, scalars=scalars)
    derived = gradient_program(net)
    needed = {name: value for name, value in values.items() if name in derived.program.tensors}
    numbers = interpret(derived.program, needed, sizes)
    wrong = []
    for name, adjoint in derived.gradients:
        wanted = numbers[adjoint]
        got = np.zeros(wanted.shape)
        for place in np.ndindex(wanted.shape):
            element = f"{name}[{', '.join(map(str, place))}]" if place else name
            got[place] = found.gradients.get(element, 0.0) if scalars else np.asarray(found.gradients[name])[place]
        if not np.allclose(got, wanted, rtol=1e-9, atol=1e-12):
            wrong.append(name)
    return wrong


@pytest.mark.parametrize("scalars", [False, True])
@pytest.mark.parametrize("name", SMALL)
def test_the_gradients_of_the_examples(name: str, scalars: bool) -> None:
    assert not differing(example(name), scalars)


@pytest.mark.parametrize("entry", LIBRARY.values(), ids=LIBRARY)
def test_the_gradients_of_the_library(entry: Definition) -> None:
    net = network_of(examples_of(entry))
    assert not differing(net, scalars=False)
    try:
        assert not differing(net, scalars=True)
    except UsageError as error:  # an example may be too large to be unrolled
        assert "more than 5,000 operations" in str(error)


LANGUAGE = {
    "extremes": "a = max(i: w[i])*min(i: w[i])\nminimize a*w[argmax(i: w[i])]",
    "products": "minimize prod(i: w[i]) + mean(i if i > 0: w[i])",
    "empty": "a = sum(i if i > 9: w[i]) + prod(i if i > 9: w[i]) + w[0]**2\nminimize a",
    "ranges": "y[i: 0..2] = w[i]\ny[i: 2..5] = w[i - 2]**2\nminimize sum(i: y[i]*w[4 - i])",
    "scatter": "y[i: 5] = w[i]\ny[ids[n]] += w[n + 1]*w[2]\nminimize sum(i: y[i]**2)",
    "else": "y[i: 5] = (w[i - 1] else 2)*w[i]*(w[i + 3] else w[0])\nminimize sum(i: y[i])",
    "where": "y[i] = where(w[i] > 0 and not i == 2, exp(w[i]), -w[i])\nminimize sum(i: y[i])",
    "kinks": "y[i] = abs(w[i]) + i*w[i] + floor(w[i])\nminimize sum(i: y[i])",
    "recurrence": "h[t: 5] = tanh(w[t] + 2*(h[t - 1] else 0))\nminimize h[4]",
    "stop": "minimize sum(i: stop(w[i])*w[i])",
    "joined": "y[(i, p: 2)] = w[i]*(p + 1)\nminimize sum(k: y[k]**2)",
    "copies": "y[i] = w[i]\nz = y\nminimize sum(i: z[i]*y[i])",
}


@pytest.mark.parametrize("scalars", [False, True])
@pytest.mark.parametrize("text", LANGUAGE.values(), ids=LANGUAGE)
def test_the_whole_language(text: str, scalars: bool) -> None:
    net = network_of(f"input ids[3] < 5\nparam w[i: 5] ~ normal\n{text}\n")
    assert not differing(net, scalars)


# --- values, limits, JSON --------------------------------------------------------------------------


def test_values_are_drawn_the_same_every_time() -> None:
    net = example("linear_classifier")
    first, second = trace(net), trace(net)
    assert first.to_json() == second.to_json()
    w = next(n.value for n in first.nodes if n.name == "W")
    assert np.array_equal(w, np.round(w, 2))


def test_json() -> None:
    found = json.loads(trace(example("linear_classifier"), {"x": [1, 2]}).to_json())
    assert found["nodes"][0] == {"name": "x", "symbol": "x[i]", "formula": "", "value": [1.0, 2.0], "latex": "x_{i}"}
    assert found["paths"]["W"] == 2
    assert set(found["steps"][1]) == {"node", "symbol", "contributions", "value", "latex"}


MISTAKES = [
    ("scalar_graph", {"A": 2}, "'A' is no tensor"),
    ("linear_classifier", {"feature": [1, 2]}, "what can be given is x, t, W, b"),
    ("scalar_graph", {"c": 2}, "'c' is calculated by the network"),
    ("scalar_graph", {"a": [1, 2]}, "'a' has no dimensions"),
    ("scalar_graph", {"a": "two"}, "'a' is no number"),
    ("linear_classifier", {"x": [1, 2, 3]}, r"'x' must be an array of shape \(2,\)"),
    ("linear_classifier", {"x": [[1], [2, 3]]}, "no regular array"),
    ("logistic_regression", {"y": [0.5, 1]}, "'y' holds integers"),
]


@pytest.mark.parametrize(("name", "values", "message"), MISTAKES, ids=[row[2] for row in MISTAKES])
@pytest.mark.parametrize("scalars", [False, True])
def test_mistakes(name: str, values: dict[str, Any], message: str, scalars: bool) -> None:
    with pytest.raises(UsageError) as error:
        trace(example(name), values, scalars=scalars)
    error.match(message)


def test_limits() -> None:
    with pytest.raises(UsageError, match="more than 5,000 operations"):
        trace(example("digits_by_hand"), scalars=True)
    with pytest.raises(UsageError, match="too large"):
        trace(network_of("input x[N, D: 20000]\ny = dense(x, 20000)\nminimize sum(n, i: y[n, i])\n"))
    with pytest.raises(UsageError, match="more than 5,000 operations"):
        trace(network_of("param w ~ ones\nminimize w*sum(i < 1000000000: i)\n"), scalars=True)
    with pytest.raises(UsageError, match="minimises nothing"):
        trace(network_of("input x[N]\noutput x\n"))
