"""Numbers in formulas that are known when compiled: calculated right, or refused where no double holds them."""

import math

import numpy as np
import pytest

from symnet.compile import compile_spec, load
from symnet.errors import SpecError

VALUES = {
    "max(exp(2), 3)": math.exp(2),
    "min(tanh(1), erf(1))": math.tanh(1),
    "abs(sin(4))": -math.sin(4),
    "sign(-exp(2))": -1,
    "step(sin(1))": 1,
    "floor(sqrt(17))": 4,
    "where(sqrt(2) < sqrt(3) and sin(1) > 0, 2, 5)": 2,
    "where(sqrt(2)*sqrt(2) == 2, 2, 5)": 2,
    "where(exp(log(3)) != 3, 2, 5)": 5,
    "sigmoid(3)": 1 / (1 + math.exp(-3)),
    "softplus(-2)": math.log1p(math.exp(-2)),
    "expm1(1)*log1p(3)": math.expm1(1) * math.log1p(3),
    "sqrt(8)": math.sqrt(8),
    "(1/3)**(1/3)": 3 ** (-1 / 3),
    "(7 % 2)*(7//2)": 3,
    "0.1234567890123456789012345678901234567**20": 0.1234567890123456789012345678901234567**20,
    "tanh(10**300)": 1,
}
TOO_LARGE = (
    "exp(1000000)",
    "exp(exp(exp(5)))",
    "exp(-100000)",
    "1/exp(100000)",
    "cosh(10**300)",
    "sqrt(10**1000 + 1)",
    "floor(exp(1000))",
    "max(exp(exp(10)), 3)",
    "where(exp(100000) > exp(99999), 1, 2)",
    "(2*a)**4000",
    "(10**300)*(10**300)",
    "1e-400",
    "(-2)**sqrt(2)",
)


def compiled(formula):
    return compile_spec(load(f"param a ~ constant(1.5)\nminimize a*({formula})\n"), check=False).module


@pytest.mark.parametrize("formula", VALUES)
def test_what_is_known_is_calculated(formula):
    assert math.isclose(compiled(formula).loss({"a": np.float64(1.5)}), 1.5 * VALUES[formula], rel_tol=1e-15)


@pytest.mark.parametrize("formula", TOO_LARGE)
def test_what_no_double_holds_is_refused(formula):
    with pytest.raises(SpecError, match="beyond floating point") as caught:
        compiled(formula)
    assert caught.value.place.line == 2
