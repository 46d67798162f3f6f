"""Windows: convolutions and poolings of every kind, with every row of the planner forced on in turn, against meaning.

What is expected are the values that the interpreter gives the program as it is lowered and differentiated, before any
pass; what runs is the emitted step.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from symnet.backends.numpy import banded, blocks, copies
from symnet.compile import compile_spec, load, network
from symnet.ir.interpret import interpret
from symnet.passes.differentiate import differentiate
from symnet.passes.pipeline import gradient_program, next_states, parameters, stabilised
from symnet.planning import windows
from tests.backends.kernel_runs import function_source, run

# name: (declarations and equations up to y, its indices, the sizes)
NETWORKS = {
    "2d": ("x[N, 3, 6, 5]", "conv2d(a, 4)", "n, o, u, v"),
    "2d, batch of one": ("x[1, 3, 6, 5]", "conv2d(a, 4)", "n, o, u, v"),
    "stride and one-sided padding": ("x[N, 3, 7, 6]", "conv2d(a, 4, stride=2, pad=0, top=1, right=2)", "n, o, u, v"),
    "dilation": ("x[N, 2, 7, 7]", "conv2d(a, 3, dilation=2, pad=2)", "n, o, u, v"),
    "groups": ("x[N, 4, 5, 5]", "conv2d(a, 6, groups=2)", "n, o, u, v"),
    "depthwise": ("x[N, 3, 5, 5]", "separable_conv2d(a, 2)", "n, o, u, v"),
    "one channel": ("x[N, 1, 8, 7]", "conv2d(a, 2, k=5, pad=0)", "n, o, u, v"),
    "1d": ("x[N, 3, 9]", "conv1d(a, 4, k=4, stride=2, pad=1)", "n, o, u"),
    "1d of any length": ("x[N, 3, T]", "conv1d(a, 4)", "n, o, u"),
    "3d": ("x[N, 2, 3, 4, 3]", "conv3d(a, 2, k=2, pad=0)", "n, o, u, v, w"),
    "transposed": ("x[N, 3, 4, 3]", "conv_transpose2d(a, 2, stride=2)", "n, o, u, v"),
    "max": ("x[N, 2, 6, 5]", "max_pool2d(conv2d(a, 3))", "n, o, u, v"),
    "overlapping max": ("x[N, 2, 5, 6]", "max_pool2d(conv2d(a, 3), k=3, stride=2, pad=1)", "n, o, u, v"),
    "max with ties": ("x[N, 2, 6, 4]", "max_pool2d(a)", "n, o, u, v"),
    "overlapping max with ties": ("x[N, 2, 5, 6]", "max_pool2d(a, k=3, stride=2, pad=1)", "n, o, u, v"),
    "max in whose place its tanh goes": ("x[N, 2, 6, 5]", "tanh(max_pool2d(conv2d(a, 3)))", "n, o, u, v"),
    "max along one axis": ("x[N, 2, 7]", "max_pool1d(conv1d(a, 3), k=3, stride=1)", "n, o, u"),
    "average": ("x[N, 2, 6, 6]", "avg_pool2d(conv2d(a, 3))", "n, o, u, v"),
    "overlapping average": ("x[N, 2, 6, 6]", "avg_pool2d(conv2d(a, 3), k=3, stride=2, pad=1)", "n, o, u, v"),
    "two layers": ("x[N, 2, 6, 6]", "conv2d(max_pool2d(conv2d(a, 3, activation=relu)), 2)", "n, o, u, v"),
    "normalised": ("x[N, 2, 5, 5]", "batch_norm(conv2d(a, 3, bias=0))", "n, o, u, v"),
}
ROWS = ("as planned", "in small blocks", "all at once", "in bands", "never in bands", "windows whole")
SIZES = {"N": 3, "T": 7}


def spec_of(name: str) -> str:
    declared, value, indices = NETWORKS[name]
    lengths = declared[2:-1].split(", ")
    axes = "nijkl"[: len(lengths)]
    given, fixed = ", ".join(axes), [(i, n) for i, n in zip(axes[1:], lengths[1:], strict=True) if n.isdigit()]
    scale, places = ", ".join(f"{i}: {n}" for i, n in fixed), ", ".join(i for i, _ in fixed)
    examples = "".join(f"example {size} = {value}\n" for size, value in SIZES.items() if size in declared)
    return (
        f"network windows\n{examples}input {declared}\ninput weight\nparam scale[{scale}] ~ ones\n"
        f"a[{given}] = scale[{places}]*x[{given}]\ny = {value}\n"
        f"minimize sum({indices}: weight*(y[{indices}] + 1)**2)\n"
    )


def force(row: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the planner take one of its rows wherever it may."""
    if row == "in small blocks":
        monkeypatch.setattr(blocks, "MOST_AT_ONCE", 40)
        monkeypatch.setattr(copies, "MOST_AT_ONCE", 0)
        monkeypatch.setattr(banded, "banded_pays", lambda band, order: False)
    elif row == "all at once":
        monkeypatch.setattr(blocks, "MOST_AT_ONCE", 1 << 40)
        monkeypatch.setattr(copies, "MOST_AT_ONCE", 1 << 40)
    elif row in ("in bands", "never in bands"):
        monkeypatch.setattr(banded, "banded_pays", lambda band, order: row == "in bands")
    elif row == "windows whole":
        monkeypatch.setattr(windows, "MOST_POSITIONS", 1)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_row_gives_the_same(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    net = network(load(spec_of(name)))
    step = gradient_program(net).program
    plain = differentiate(
        stabilised(net, (str(net.objective), *next_states(net))), {net.objective: None}, parameters(net)
    ).program
    sizes = {size: SIZES[size] for size in step.sizes}
    rng = np.random.default_rng(0)
    given = {
        t.name: rng.choice([-2, -1, 1, 2], size=[e.value(sizes) for e in t.extents])  # with ties
        for t in step.tensors.values()
        if t.given
    }
    expected = interpret(plain, given, sizes)
    assert all(np.abs(expected[name]).max() > 0 for name in step.results)
    for row, (dtype, tolerance) in product(ROWS, ((np.float64, 1e-11), (np.float32, 2e-4))):
        with monkeypatch.context() as patch:
            force(row, patch)
            found = run(step, given, sizes, keep=step.results, dtype=dtype)
        for result in step.results:
            scale = max(1.0, float(np.abs(expected[result]).max()))
            assert np.allclose(found[result] / scale, expected[result] / scale, rtol=0, atol=tolerance), (row, result)


def test_rows_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the test above forces is in the emitted lines."""
    marks = {
        ("in small blocks", "two layers"): "for n in range(",
        ("in bands", "two layers"): "band_view[...] =",
        ("as planned", "two layers"): "_windows[...] =",
        ("as planned", "depthwise"): "for q in range(3):",
        ("as planned", "overlapping max"): ".view(np.int8)",
    }
    for (row, name), mark in marks.items():
        with monkeypatch.context() as patch:
            force(row, patch)
            step = gradient_program(network(load(spec_of(name))))
            source, _ = function_source(step.program, step.program.results, often=True)
            assert mark in source, (row, name)


def test_a_window_of_single_numbers_makes_no_band(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(banded, "banded_pays", lambda band, order: True)
    text = (
        "network smooth\nexample N = 3\ninput x[N, 9]\nparam k[p: 3] ~ normal\n"
        "y[n, u] = sum(p: x[n, u + p]*k[p])\nminimize sum(n, u: y[n, u]**2)\n"
    )
    assert compile_spec(load(text)).report is not None
