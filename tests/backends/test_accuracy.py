"""The cheap forms of the emitted step against 50 digits, in both dtypes, at tame points and far out.

The bound is relative, in units of the last place of what is compared, unless a case says that it is absolute.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest

from tests.modules import compiled

N = 2000
FAR = np.concatenate([np.linspace(-30, 30, 1201), np.linspace(-1000, 1000, 401), 10.0 ** -np.arange(30)])

LOGISTIC = """
input z[N]
input y[N] < 2
param b ~ zeros
p[n] = 1/(1 + exp(-(z[n] + b)))
minimize mean(n: -y[n]*log(p[n]) - (1 - y[n])*log(1 - p[n]))
"""


def step(text: str, params: dict[str, Any], **inputs: Any) -> tuple[float, dict[str, Any]]:
    """Loss and gradients of the emitted step."""
    module: Any = compiled(text, check=False).module
    workspace = module.Workspace()
    module.loss_and_grad(params, **inputs, workspace=workspace)
    loss, gradients = module.loss_and_grad(params, **inputs, workspace=workspace)
    return loss, gradients


def exactly(function: Callable[..., Any], *arrays: Any) -> Any:
    """The sum of a function over the elements of arrays, with 50 digits."""
    with mpmath.workdps(50):
        return mpmath.fsum(function(*(mpmath.mpf(float(v)) for v in row)) for row in zip(*arrays, strict=True))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sure", [False, True], ids=["any label", "the likely label"])
@pytest.mark.parametrize("size", [40, N, 5000])
def test_the_loss_of_a_logistic_regression_keeps_its_digits(size: int, sure: bool, dtype: Any) -> None:
    """Of labels that the logits are sure about, each adds exp(-|z|), far below a rounding of the logit."""
    rng = np.random.default_rng(0)
    z = (rng.uniform(8, 30, size) * rng.choice((-1, 1), size)).astype(dtype)
    y = (z > 0).astype(int) if sure else rng.integers(0, 2, size)
    loss, gradients = step(LOGISTIC, {"b": np.array(0, dtype)}, z=z, y=y)
    exact = exactly(lambda z, y: mpmath.log1p(mpmath.exp(-z if y else z)), z, y) / size
    assert abs(loss - exact) <= 8 * np.finfo(dtype).eps * exact
    slope = exactly(lambda z, y: 1 / (1 + mpmath.exp(-z)) - y, z, y) / size
    assert abs(float(gradients["b"]) - slope) <= 4 * np.finfo(dtype).eps  # absolute: p - y is near 0 where it is sure


GELU = """
input x[n: {n}]
param w ~ ones
y[n] = gelu_tanh(w*x[n])
output y
minimize sum(n: y[n])
"""


@pytest.mark.parametrize(("dtype", "most"), [(np.float32, 160), (np.float64, 160)])
def test_gelu_by_a_sigmoid_is_exact_far_out(dtype: Any, most: int) -> None:
    """1 + tanh(u) has no correct digit below u = -9 in float32; the sigmoid's error grows with |u| only."""
    x = FAR[np.abs(FAR) < 10].astype(dtype)
    module: Any = compiled(GELU.format(n=len(x)), check=False).module
    (found,) = module.predict({"w": np.array(1, dtype)}, x).values()
    assert found.dtype == dtype
    c, d = mpmath.mpf("0.79788456080286535588"), mpmath.mpf("0.044715")

    def exact(v: Any) -> Any:
        return v / (1 + mpmath.exp(-2 * c * (v + d * v**3)))

    with mpmath.workdps(50):
        wanted = [exact(mpmath.mpf(float(v))) for v in x]
    normal = [k for k, v in enumerate(wanted) if abs(v) > np.finfo(dtype).tiny]
    worst = max(abs(float(found[k]) / wanted[k] - 1) for k in normal)
    assert worst <= most * np.finfo(dtype).eps
    assert len(normal) > 100


CHOICE = """
input x[n: 6, j: 5]
input y[n: 6, j: 5]
param w ~ ones
{row}
output z
minimize w**2
"""
ROWS = {
    "zero": ("z[n, j] = where(x[n, j] > y[n, j], 1/(w*x[n, j]), 0)", lambda x, y, c: np.where(x > y, 1 / x, 0)),
    "two arrays": ("z[n, j] = where(x[n, j] > y[n, j], log(w*x[n, j]), 1/y[n, j])", None),
    "a number first": (
        "z[n, j] = where(x[n, j] > y[n, j], 3, 1/(w*x[n, j]))",
        lambda x, y, c: np.where(x > y, 3, 1 / x),
    ),
    "a mask of indices": ("z[n, j] = where(n < j, 1/(w*x[n, j]), inf)", lambda x, y, c: np.where(c, 1 / x, np.inf)),
}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", ROWS)
def test_a_choice_by_bits_is_that_of_numpy(name: str, dtype: Any) -> None:
    """Bit for bit, whatever is not chosen: infinities, NaN and signed zeros too."""
    row, expected = ROWS[name]
    rng = np.random.default_rng(0)
    x, y = (rng.choice([0.0, -0.0, 1.5, -2.0, np.inf, -np.inf, np.nan, 0.25], (6, 5)).astype(dtype) for _ in range(2))
    module: Any = compiled(CHOICE.format(row=row), check=False).module
    found = module.forward({"w": np.array(1, dtype)}, x, y)[0]["z"]
    c = np.less.outer(np.arange(6), np.arange(5))
    with np.errstate(all="ignore"):
        wanted = expected(x, y, c) if expected else np.where(x > y, np.log(x), 1 / y)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, wanted.astype(dtype))
    assert "copyto" not in compiled(CHOICE.format(row=row), check=False).source.split("def forward")[1].split("def ")[0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_share_of_examples_is_a_quotient_of_whole_numbers(dtype: Any) -> None:
    """All of 49 are 1 and not 49 times a rounded 1/49."""
    text = "input y[N]\nparam b ~ zeros\nmetric above = mean(n: y[n] > b)\nminimize mean(n: (y[n] - b)**2)\n"
    module: Any = compiled(text, check=False).module
    params = {"b": np.zeros((), dtype)}
    for count in range(1, 200):
        y = np.ones(count, dtype)
        assert module.evaluate(params, y)["above"] == 1
        y[: count // 3] = -1
        assert module.evaluate(params, y)["above"] == float(dtype(count - count // 3) / dtype(count))
