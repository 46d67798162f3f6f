"""Steps without dimensions: they run on numbers, and follow IEEE arithmetic all the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.modules import compiled

PLAIN = "param a ~ constant(2)\nparam b ~ constant(1)\nc = a + b\ne = c*(b + 1) - 2*c*b*a\nminimize e\n"
SQUARE = "param a ~ constant(2)\nminimize 1 + a**2\n"
DIVIDES = "param a ~ constant(2)\nparam b ~ constant(1)\ne = exp(a)/b + (a + b)**3\nminimize e\n"


def module_of(text: str) -> Any:
    return compiled(text).module


@pytest.mark.parametrize("text", [PLAIN, DIVIDES], ids=["sums and products", "the rest"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_parameters_changed_in_place_are_read_again(text: str, dtype: Any) -> None:
    module = module_of(text)
    params = module.init(0, dtype)
    workspace = module.Workspace()
    module.loss_and_grad(params, workspace=workspace)
    params["a"][()] = 0.25
    loss, gradients = module.loss_and_grad(params, workspace=workspace)
    fresh, expected = module.loss_and_grad({"a": np.array(0.25, dtype), "b": params["b"].copy()})
    assert loss == fresh
    for name, gradient in gradients.items():
        assert isinstance(gradient, np.ndarray) and gradient.shape == () and gradient.dtype == dtype
        assert gradient == expected[name]


def test_sums_and_products_are_those_of_python() -> None:
    source = compiled(PLAIN).source
    step = source[source.index("def _step") : source.index("class Workspace")]
    assert "a = a_array.item()" in step and "np." not in step.split("def run")[1]


def test_what_python_refuses_gives_an_infinity() -> None:
    module = module_of(DIVIDES)
    with np.errstate(all="ignore"):
        loss, gradients = module.loss_and_grad({"a": np.array(2.0), "b": np.array(0.0)})
        assert loss == np.inf and gradients["b"] == -np.inf
        assert module.loss_and_grad({"a": np.array(1e200), "b": np.array(1.0)})[0] == np.inf
        assert module_of(SQUARE).loss_and_grad({"a": np.array(1e200)})[0] == np.inf
        plain = module_of(PLAIN).loss_and_grad({"a": np.array(1e200), "b": np.array(1e200)})[0]
    assert np.isnan(plain)  # inf - inf


def test_a_tensor_may_be_called_like_a_second_name() -> None:
    text = "param a ~ constant(2)\nparam a_given ~ constant(3)\nparam da_out ~ constant(5)\n"
    text += "minimize a*a_given*da_out\n"
    loss, gradients = module_of(text).loss_and_grad(module_of(text).init(0))
    assert loss == 30
    assert {name: float(g) for name, g in gradients.items()} == {"a": 15, "a_given": 10, "da_out": 6}
