"""What steps do that have few numbers in them: operands repeated before they meet others, batches of one."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

from tests.modules import compiled

SPEC = """
input x[N, 3]
input t[N, 1]
h = dense(x, 8, activation=tanh)
y = dense(h, 1, activation=sigmoid)
minimize mse(y, t)
"""

LARGE = """
input x[N, 150]
input t[N, 120]
h = dense(x, 160, activation=relu)
minimize mse(dense(h, 120), t)
"""


def step_of(source: str) -> str:
    return source[source.index("def _step") : source.index("class Workspace")]


@pytest.mark.parametrize("text", [SPEC, LARGE], ids=["small", "large"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_batches_of_any_size_give_what_forward_and_backward_give(text: str, dtype: Any) -> None:
    module = compiled(text).module
    params, workspace, rng = module.init(1, dtype), module.Workspace(), np.random.default_rng(2)
    for value in params.values():
        value += rng.normal(size=value.shape)
    for size in (1, 2, 33, 1):
        data = {name: rng.normal(size=(size, row["shape"][1])).astype(dtype) for name, row in module.INPUTS.items()}
        loss, gradients = module.loss_and_grad(params, **data, workspace=workspace)
        outputs, saved = module.forward(params, **data)
        expected = module.backward(params, saved, {"loss": 1.0})
        assert loss == pytest.approx(float(outputs["loss"]), rel=1e-5)
        for name, gradient in gradients.items():
            np.testing.assert_allclose(gradient, expected[name], rtol=1e-3, atol=1e-5, err_msg=name)


def test_a_bias_is_repeated_before_it_is_added() -> None:
    step = step_of(compiled(SPEC).source)
    assert "[...] = h_b" in step and ".reshape(())" in step


def test_nothing_is_written_in_place_on_one_number() -> None:
    module = compiled(SPEC).module
    assert "np.empty((1, N), dtype) if N == 1 else" in step_of(compiled(SPEC).source)
    held = []
    for size in (1, 5):
        run = inspect.unwrap(module._step(size, np.dtype(np.float32))(module.init(0))[1])
        arrays = dict(zip(run.__code__.co_freevars, (cell.cell_contents for cell in run.__closure__), strict=True))
        held.append(np.shares_memory(arrays["dy_sum"], arrays["y"]))
    assert held == [False, True]


def test_a_large_outer_product_keeps_what_is_not_finite() -> None:
    module = compiled(LARGE).module
    assert step_of(compiled(LARGE).source).count("if N == 1 else np.matmul") == 2
    params = module.init(0, np.float64)
    x, t = np.ones((1, 150)), np.zeros((1, 120))
    x[0, 7] = np.inf
    with np.errstate(all="ignore"):
        _, gradients = module.loss_and_grad(params, x, t)
        outer = x.T @ gradients["h.b"][None]
    np.testing.assert_array_equal(gradients["h.W"], outer)


def test_what_is_one_number_for_each_example_is_not_added_to() -> None:
    text = "input x[N, 3]\ninput t[N, 1]\nminimize mse(dense(x, 1), t)"
    lines = step_of(compiled(text).source).splitlines()
    added = [line.split("add(")[1] for line in lines if "add(" in line]
    assert added and not any(line.startswith(line.rstrip(")").rsplit(", ")[-1] + ",") for line in added)
