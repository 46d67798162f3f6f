"""Layers at the points where their formulas, calculated as they stand, overflow or have no value."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from tests.modules import compiled

MASKED = """
network masked
example N = 2
example T = 3
input q[N, T, 2]
input k[N, T, 2]
input v[N, T, 2]
input keep[N, T] < 2
param w ~ ones
s[n, t, d] = w*k[n, t, d]
u[n, t, d] = w*v[n, t, d]
y = masked_attention(q, s, u, keep, causal=1)
output y
minimize sum(n, t, e: y[n, t, e])
"""


def called(module: ModuleType, inputs: dict[str, Any]) -> tuple[Any, Any, Any]:
    """The outputs, the gradients of all inputs and those of the parameters; nothing is invalid on the way."""
    params = module.init(0, np.float64)
    with np.errstate(all="raise", under="ignore", over="ignore"):
        outputs, saved = module.forward(params, **inputs)
        pulled = module.backward(params, saved, {"loss": 1.0})
        _, grads = module.loss_and_grad(params, **inputs)
    return outputs, pulled, grads


@pytest.mark.parametrize("size", [1.0, 1000.0])
def test_a_query_without_keys_gets_nothing_and_gives_nothing(size: float) -> None:
    """Example 0 has no key at all, example 1 none but the last: with the causal mask only its last query has one."""
    rng = np.random.default_rng(0)
    q, k, v = size * rng.normal(size=(3, 2, 3, 2))
    keep = np.array([[0, 0, 0], [0, 0, 1]])
    outputs, pulled, grads = called(compiled(MASKED).module, {"q": q, "k": k, "v": v, "keep": keep})
    expected = np.zeros((2, 3, 2))
    expected[1, 2] = v[1, 2]
    np.testing.assert_array_equal(outputs["y"], expected)
    seen = np.zeros((2, 3, 2))
    seen[1, 2] = 1
    np.testing.assert_array_equal(pulled["v"], seen)
    np.testing.assert_array_equal(pulled["k"], np.zeros((2, 3, 2)))
    np.testing.assert_array_equal(pulled["q"], np.zeros((2, 3, 2)))
    assert grads["w"] == pytest.approx(v[1, 2].sum())


SATURATED = """
network saturated
example T = 3
input q[T, 1]
input k[T, 1]
input v[T, 1]
param w ~ ones
u[t, d] = w*v[t, d]
y = attention(q, k, u, causal=1)
output y
minimize sum(t, e: y[t, e])
"""


def test_attention_with_logits_of_1000_chooses() -> None:
    q, k, v = (
        np.array([[1000.0], [1000.0], [-1000.0]]),
        np.array([[3.0], [1.0], [2.0]]),
        np.array([[1.0], [2.0], [3.0]]),
    )
    outputs, pulled, grads = called(compiled(SATURATED).module, {"q": q, "k": k, "v": v})
    np.testing.assert_allclose(outputs["y"][:, 0], [1, 1, 2])
    np.testing.assert_allclose(pulled["v"][:, 0], [2, 1, 0])
    assert np.abs(pulled["q"]).max() == 0
    assert grads["w"] == pytest.approx(4)


NORMS = """
network norms
example N = 2
input x[N, 4]
param w[c: 4] ~ ones
z[n, c] = w[c]*x[n, c]
y = {layer}(z)
output y
minimize sum(n, c: (c + 1)*y[n, c])
"""


@pytest.mark.parametrize("layer", ["layer_norm", "rms_norm"])
@pytest.mark.parametrize(
    "x", [np.zeros((2, 4)), np.ones((2, 4)), 1e150 * np.eye(2, 4)], ids=["zeros", "equal", "large"]
)
def test_norms_of_equal_and_of_huge_numbers_are_finite(layer: str, x: Any) -> None:
    outputs, pulled, grads = called(compiled(NORMS.format(layer=layer)).module, {"x": x})
    for array in (outputs["y"], pulled["x"], *grads.values()):
        assert np.isfinite(array).all()
    assert np.abs(outputs["y"]).max() <= 2
