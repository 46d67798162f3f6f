"""The arrays of a step: they are made once, shared by what is not needed at the same time, and hold nothing over."""

from __future__ import annotations

import importlib.util
import re
import tracemalloc
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from symnet.backends.numpy.module import emit
from symnet.compile import module_of
from symnet.contract import Contract
from symnet.passes.pipeline import bundle
from symnet.planning import rows
from symnet.planning.rows import REFILLED, always, forced, never
from tests.support import network_of

GENERATED = Path(__file__).parents[2] / "generated"
NAMES = [path.stem for path in sorted(GENERATED.glob("*.py")) if "class Workspace" in path.read_text(encoding="utf-8")]


@cache
def contract_of(name: str) -> Contract:
    spec = importlib.util.spec_from_file_location(f"generated_{name}", GENERATED / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Contract.of(module)


def point(contract: Contract, seed: int, dtype: Any, sizes: dict[str, int] | None = None) -> list[Any]:
    """Parameters, state, inputs and random tensors, as `Contract.call` takes them."""
    rng = np.random.default_rng(seed)
    known = contract.example_sizes(sizes)
    params = {
        name: value + dtype(rng.normal(size=value.shape)) / 8 for name, value in contract.init(rng, dtype).items()
    }
    inputs = {name: cast(value, dtype) for name, value in contract.sample_inputs(rng, known).items()}
    noise = contract.draw(rng, known)
    extra = {"noise": {name: cast(value, dtype) for name, value in noise.items()}} if noise else {}
    return [params, contract.init_state(dtype), inputs, extra]


def cast(value: Any, dtype: Any) -> Any:
    return value.astype(dtype) if value.dtype.kind == "f" else value


def step(contract: Contract, at: list[Any], workspace: Any) -> list[tuple[str, bytes]]:
    """Everything that a step returns, bit by bit."""
    params, state, inputs, extra = at
    loss, *dicts = contract.call("loss_and_grad", params, state, inputs, workspace=workspace, **extra)
    arrays = [(name, value.tobytes()) for found in dicts for name, value in found.items()]
    return [("loss", np.float64(loss).tobytes()), *arrays]


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
def test_a_used_workspace_gives_the_bits_of_a_fresh_one(name: str, dtype: Any) -> None:
    contract = contract_of(name)
    first, other = point(contract, 1, dtype), point(contract, 2, dtype)
    workspace = contract.module.Workspace()
    for at in (other, first, first, other, first):
        assert step(contract, at, workspace) == step(contract, at, contract.module.Workspace())


@pytest.mark.parametrize("name", NAMES)
def test_gradients_share_no_memory(name: str) -> None:
    contract = contract_of(name)
    params, state, inputs, extra = point(contract, 1, np.float32)
    grads = contract.call("loss_and_grad", params, state, inputs, workspace=contract.module.Workspace(), **extra)[1]
    arrays = list(grads.items())
    for number, (one, a) in enumerate(arrays):
        for other, b in arrays[:number]:
            assert not np.shares_memory(a, b), (one, other)


def numpy_memory() -> tuple[int, int]:
    """The arrays that NumPy holds, in bytes, and how many they are."""
    only = tracemalloc.DomainFilter(True, np.lib.tracemalloc_domain)
    traces = tracemalloc.take_snapshot().filter_traces([only]).traces
    return sum(trace.size for trace in traces), len(traces)


def test_a_thousand_steps_allocate_no_arrays() -> None:
    module: ModuleType = contract_of("digits_mlp").module
    rng = np.random.default_rng(1)
    params = module.init(rng)
    slots = module.init_slots(params)
    x, y = rng.random((32, 64), np.float32), rng.integers(0, 10, 32)
    workspace = module.Workspace()
    tracemalloc.start()
    try:
        before = module.loss_and_grad(params, x, y, workspace=workspace)
        held = numpy_memory()
        tracemalloc.reset_peak()
        bottom = tracemalloc.get_traced_memory()[0]
        for _ in range(1000):
            after = module.loss_and_grad(params, x, y, workspace=workspace)
            for name, gradient in after[1].items():
                assert gradient is before[1][name]
        peak = tracemalloc.get_traced_memory()[1]
        assert numpy_memory() == held
    finally:
        tracemalloc.stop()
    module.update(params, after[1], slots)
    # A ufunc that repeats a bias over 32 rows takes 4 kB for a moment; no array of the step is as large as the rest.
    assert held[0] > 10_000
    assert peak - bottom < held[0] // 2


def test_buffers_of_other_shapes_share_memory() -> None:
    net = network_of(
        "input x[N, 64]\nh = dense(x, 64, activation=tanh)\ny = dense(h, 3)\nminimize mean(n, k: y[n, k]**2)"
    )
    module = module_of(net)
    x = np.ones((64, 64), np.float32)
    params = module.init(0)
    tracemalloc.start()
    try:
        workspace = module.Workspace()
        module.loss_and_grad(params, x, workspace=workspace)
        held = numpy_memory()[0]
    finally:
        tracemalloc.stop()
    # h and the gradients of h and of its weights take turns: two of the three arrays of 16 kB.
    assert 2 * 4 * 64 * 64 < held < 3 * 4 * 64 * 64


LOGISTIC = """
input x[N, 4]
input y[N] < 2
param w[i: 4] ~ normal
z[n] = sum(i: x[n, i]*w[i])
p[n] = 1/(1 + exp(-z[n]))
minimize mean(n: -y[n]*log(p[n]) - (1 - y[n])*log(1 - p[n]))
"""


def test_a_logistic_regression_holds_three_numbers_for_each_example() -> None:
    module = module_of(network_of(LOGISTIC))
    params = module.init(0, np.float32)
    x, y = np.random.default_rng(1).normal(size=(10_000, 4)).astype(np.float32), np.arange(10_000) % 2
    tracemalloc.start()
    try:
        workspace = module.Workspace()
        module.loss_and_grad(params, x, y, workspace=workspace)
        held = numpy_memory()[0]
    finally:
        tracemalloc.stop()
    assert 2 * 4 * 10_000 < held < 3 * 4 * 10_000


TILES = """
input x[N, 24, 6, 6]
input t[N, 24, 6, 6]
h = conv2d(x, 24, bias=0, activation=tanh)
minimize mse(conv2d(tanh(h), 24, bias=0), t)
"""


def test_a_product_by_tiles_may_take_the_place_of_its_images() -> None:
    net = network_of(TILES)
    rng = np.random.default_rng(5)
    found = []
    for formula in (always, never):
        with forced(rows.TILES, formula):
            module, source = module_of(net), source_of(TILES)
        params = module.init(np.random.default_rng(2), np.float64)
        rng = np.random.default_rng(5)
        x, t = (rng.normal(size=(7, 24, 6, 6)) for _ in "xt")
        workspace = module.Workspace()
        module.loss_and_grad(params, x, t, workspace=workspace)
        loss, gradients = module.loss_and_grad(params, x, t, workspace=workspace)
        found.append({"loss": np.asarray(loss), **gradients})
        call = re.search(r"\.correlate\((d\w+), \w+, (d\w+)\)", source)
        assert (call is not None) == (formula is always)
        if call is not None:
            place, operand = (
                re.search(rf"^    {name} = (\S.*?)(?:  #.*)?$", source, re.M) for name in call.groups()[::-1]
            )
            assert place is not None and operand is not None and place[1] in (call[1], operand[1])
    for name, value in found[1].items():
        np.testing.assert_allclose(found[0][name], value, rtol=1e-9, atol=1e-12)


IMAGES = (
    "input x[N, 8, 12, 12]\ninput y[N, 4, 12, 12]\nh[n, c, i, j] = tanh(x[n, c, i, j])\n"
    "z = conv2d(h, 4, k=5, pad=2)\nminimize mean(n, c, i, j: (relu(z[n, c, i, j])*y[n, c, i, j])**2)"
)


def source_of(text: str) -> str:
    net = network_of(text)
    return emit(bundle(net, net), gradient_error=None)


def test_masks_lie_among_real_numbers() -> None:
    source = source_of(IMAGES)
    among = re.search(r"(\w+) = slot\d+\[.*\]\.view\(bool\)\n", source)
    assert among and f"= {among[1]}[: 576 * N].reshape(N, 12, 12, 4)" in source
    assert ", bool)" not in source.split("class Workspace")[0].split("def _step")[1]


@pytest.mark.parametrize("formula", [always, never], ids=["anew", "once"])
def test_a_border_is_filled_anew_or_once(formula: Any) -> None:
    net = network_of(IMAGES)
    with forced(REFILLED, formula) as row:
        module = module_of(net)
        source = source_of(IMAGES)
    assert row.asked and bool(re.search(r"h_padded\.fill\(0\)", source)) == (formula is always)
    rng = np.random.default_rng(3)
    params = {name: value + rng.normal(size=value.shape) for name, value in module.init(rng, np.float64).items()}
    x, y = rng.normal(size=(3, 8, 12, 12)), rng.normal(size=(3, 4, 12, 12))
    workspace = module.Workspace()
    first = module.loss_and_grad(params, x, y, workspace=workspace)
    bits = {name: value.tobytes() for name, value in first[1].items()}
    again = module.loss_and_grad(params, x, y, workspace=workspace)
    assert {name: value.tobytes() for name, value in again[1].items()} == bits
    plain = module_of(net)
    for name, value in plain.loss_and_grad(params, x, y)[1].items():
        np.testing.assert_allclose(again[1][name], value, rtol=1e-9)
