"""Windows: convolutions and poolings of every kind, with every row of the planner forced on in turn, against meaning.

What is expected are the values that the interpreter gives the program as it is lowered and differentiated, before any
pass; what runs is the emitted step.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import product
from typing import Any

import numpy as np
import pytest

from symnet.compile import compile_spec, load, network
from symnet.ir.interpret import interpret
from symnet.passes.differentiate import differentiate
from symnet.passes.pipeline import gradient_program, next_states, parameters, stabilised
from symnet.planning import rows
from symnet.planning.rows import Formula, Row
from tests.backends.kernel_runs import function_source, run
from tests.modules import compiled

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
    "valid": ("x[N, 2, 7, 6]", "conv2d(conv2d(a, 3, pad=0), 2, pad=0)", "n, o, u, v"),
    "wide padding": ("x[N, 2, 5, 4]", "conv2d(conv2d(a, 3, pad=2), 2)", "n, o, u, v"),
    "two layers": ("x[N, 2, 6, 6]", "conv2d(max_pool2d(conv2d(a, 3, activation=relu)), 2)", "n, o, u, v"),
    "normalised": ("x[N, 2, 5, 5]", "batch_norm(conv2d(a, 3, bias=0))", "n, o, u, v"),
}
# row: what is forced for it
ROWS: dict[str, dict[Row, Formula]] = {
    "as planned": {},
    "in small blocks": {rows.BLOCKS: rows.always, rows.BLOCK: lambda elements: 2, rows.BANDED: rows.never},
    "one by one": {rows.BLOCKS: rows.always, rows.BLOCK: lambda elements: 1, rows.BANDED: rows.never},
    "all at once": {rows.BLOCKS: rows.never, rows.KEPT: rows.always},
    "copied again": {rows.BLOCKS: rows.never, rows.KEPT: rows.never},
    "in bands": {rows.BANDED: rows.always},
    "in narrow bands": {rows.BANDED: rows.always, rows.BAND: rows.narrowest},
    "line by line": {rows.BANDED: rows.always, rows.LINES: rows.always},
    "never in bands": {rows.BANDED: rows.never},
    "in tiles": {rows.TILES: rows.always},
    "in tiles of two": {rows.TILES: rows.always, rows.TILED_AT_ONCE: rows.two},
    "windows whole": {rows.BY_POSITION: rows.never, rows.BYTES: rows.never, rows.SLICES: rows.never},
    "channels where they are": {rows.CHANNELS_LAST: rows.never},
}
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


@contextmanager
def force(row: str) -> Iterator[None]:
    """Make the planner take one of its rows wherever it may."""
    with ExitStack() as stack:
        for choice, formula in ROWS[row].items():
            stack.enter_context(rows.forced(choice, formula))
        yield


@pytest.mark.parametrize("name", NETWORKS)
def test_every_row_gives_the_same(name: str) -> None:
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
        with force(row):
            found = run(step, given, sizes, keep=step.results, dtype=dtype)
        for result in step.results:
            scale = max(1.0, float(np.abs(expected[result]).max()))
            assert np.allclose(found[result] / scale, expected[result] / scale, rtol=0, atol=tolerance), (row, result)


def test_rows_are_taken() -> None:
    """What the test above forces is in the emitted lines."""
    marks = {
        ("in small blocks", "two layers"): "for n in range(",
        ("in bands", "two layers"): "band_view[...] =",
        ("in narrow bands", "valid"): "_blocks",
        ("line by line", "valid"): "_lines",
        ("in tiles", "2d"): ".correlate(",
        ("in tiles", "valid"): ".correlate_results(",
        ("as planned", "two layers"): "_windows[...] =",
        ("as planned", "depthwise"): "for q in range(3):",
        ("as planned", "overlapping max"): ".view(np.int8)",
    }
    for (row, name), mark in marks.items():
        with force(row):
            step = gradient_program(network(load(spec_of(name))))
            source, _ = function_source(step.program, step.program.results, often=True)
            assert mark in source, (row, name)


def test_a_window_of_single_numbers_makes_no_band() -> None:
    text = (
        "network smooth\nexample N = 3\ninput x[N, 9]\nparam k[p: 3] ~ normal\n"
        "y[n, u] = sum(p: x[n, u + p]*k[p])\nminimize sum(n, u: y[n, u]**2)\n"
    )
    with rows.forced(rows.BANDED, rows.always):
        assert compile_spec(load(text)).report is not None


def test_tiles_in_single_precision() -> None:
    """The rounding error of sums over 288 terms by tiles, relative to the largest of them: that of plain sums."""
    module: Any = compiled(
        "network tiled\nexample N = 3\ninput x[N, 32, 12, 13]\ny = conv2d(x, 32, bias=0)\noutput y\n"
        "minimize sum(n, c, u, v: y[n, c, u, v]**2)\n",
        check=False,
    ).module
    rng = np.random.default_rng(0)
    params, x = module.init(0, np.float64), rng.normal(size=(3, 32, 12, 13))
    exact, single = (
        (module.predict(given, values)["y"], *module.loss_and_grad(given, values)[1].values())
        for given, values in ((params, x), ({n: v.astype("f") for n, v in params.items()}, x.astype("f")))
    )
    for found, expected in zip(single, exact, strict=True):
        assert found.dtype == np.float32
        assert np.abs(found - expected).max() < 2e-6 * np.abs(expected).max()
