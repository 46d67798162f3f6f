"""Steps without dimensions: they run on numbers, and follow IEEE arithmetic all the same."""

from __future__ import annotations

from itertools import product
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


GATES = "param a ~ constant(2)\nparam b ~ constant(1)\nd = exp(a)/b + sqrt(1 + b**2)*sigmoid(a*b)\n"
GATES += "e = where(d > a, log(d**2 + 1), -d) + abs(b) + max(a, b)\nminimize d*tanh(e)\n"
ROOT = "param a ~ constant(2)\nminimize a**1.5 + sin(a)\n"


def step_of(text: str) -> str:
    source = compiled(text).source
    return source[source.index("def _step") : source.index("class Workspace")]


@pytest.mark.parametrize(
    ("text", "twice"), [(DIVIDES, True), (SQUARE, True), (GATES, True), (PLAIN, False), (ROOT, False)]
)
def test_a_step_with_functions_is_taken_with_those_of_python(text: str, twice: bool) -> None:
    """But for what Python answers with a complex number."""
    assert ("except (ArithmeticError, ValueError)" in step_of(text)) is twice


@pytest.mark.parametrize("text", [DIVIDES, SQUARE, GATES, ROOT])
@pytest.mark.parametrize(("dtype", "rtol", "atol"), [(np.float32, 1e-4, 1e-6), (np.float64, 1e-9, 0.0)])
def test_numbers_are_those_of_ieee_arithmetic_at_any_point(text: str, dtype: Any, rtol: float, atol: float) -> None:
    """The step against `forward` and `backward`, which know NumPy's numbers alone."""
    module = module_of(text)
    points = [0.0, -0.0, 1.5, -2.0, 800.0, -800.0, 1e12, np.inf, -np.inf, np.nan]
    wrong = []
    for a, b in product(points, points):
        params = {name: np.array(value, dtype) for name, value in (("a", a), ("b", b)) if name in module.PARAMETERS}
        with np.errstate(all="ignore"):
            loss, gradients = module.loss_and_grad(params)
            outputs, saved = module.forward(params)
            expected = module.backward(params, saved, {"loss": np.array(1, dtype)})
        pairs = [(loss, outputs["loss"]), *((gradients[name], expected[name]) for name in params)]
        wrong += [(a, b, pair) for pair in pairs if not np.allclose(*pair, rtol, atol, equal_nan=True)]
    assert wrong == []


def test_a_tensor_may_be_called_like_a_second_name() -> None:
    text = "param a ~ constant(2)\nparam a_given ~ constant(3)\nparam da_out ~ constant(5)\n"
    text += "minimize a*a_given*da_out\n"
    loss, gradients = module_of(text).loss_and_grad(module_of(text).init(0))
    assert loss == 30
    assert {name: float(g) for name, g in gradients.items()} == {"a": 15, "a_given": 10, "da_out": 6}
