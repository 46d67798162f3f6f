"""What is known of numbers from their formulas alone: never negative, or from 0 to 1, with all roundings."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from symnet.compile import compile_spec, load
from symnet.ir import functions as f
from symnet.ir.program import leaf, size_symbol
from symnet.passes.pipeline import forward_program
from symnet.planning.tame import Range, is_nonnegative, is_unit, ranges_of
from tests.support import network_of

ANY, POSITIVE, UNIT = Range.ANY, Range.NONNEGATIVE, Range.UNIT
X, P, U, N = leaf(0), leaf(1), leaf(2), size_symbol("N")  # any number, one from 0 on, one from 0 to 1, a size
KNOWN = {0: ANY, 1: POSITIVE, 2: UNIT}

FORMULAS: dict[sp.Expr, Range] = {
    X: ANY,
    P: POSITIVE,
    U: UNIT,
    N: POSITIVE,
    1 / N: UNIT,
    sp.Rational(1, 3): UNIT,
    sp.Integer(2): POSITIVE,
    sp.Integer(-1): ANY,
    X**2: POSITIVE,
    X**3: ANY,
    P**3: POSITIVE,
    U**2: UNIT,
    sp.sqrt(U): UNIT,
    sp.exp(X): POSITIVE,
    f.absolute(X): POSITIVE,
    f.sigmoid(X): UNIT,
    f.softplus(X): POSITIVE,
    f.lt(X, P): UNIT,
    f.step(X): UNIT,
    1 - U: UNIT,
    1 - P: ANY,
    2 - U: ANY,
    U - 1: ANY,
    1 + P: POSITIVE,
    1 - f.sigmoid(X): UNIT,
    1 - f.sigmoid(X) * U: UNIT,
    f.sigmoid(X) * (1 - f.sigmoid(X)): UNIT,
    U * (1 - U) / N: UNIT,
    P * (1 - U): POSITIVE,
    P + X**2: POSITIVE,
    P + X: ANY,
    P * X: ANY,
    1 - U - U**2: ANY,
    sp.tanh(X) ** 2: POSITIVE,
    1 - sp.tanh(X) ** 2: ANY,
    f.where(f.lt(X, 0), U, P): POSITIVE,
    f.where(f.lt(X, 0), U, 0): UNIT,
    f.where(f.lt(X, 0), U, X): ANY,
    f.max2(X, 0): POSITIVE,
    f.max2(X, U): POSITIVE,
    f.min2(P, U): POSITIVE,
    f.min2(X, 0): ANY,
    f.max2(U, sp.Rational(1, 2)): UNIT,
    sp.log(P): ANY,
    sp.sin(X): ANY,
}


@pytest.mark.parametrize("formula", FORMULAS, ids=str)
def test_the_sign_of_a_formula(formula: sp.Expr) -> None:
    assert is_nonnegative(formula, KNOWN) == (FORMULAS[formula] >= POSITIVE)
    assert is_unit(formula, KNOWN) == (FORMULAS[formula] == UNIT)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("t[n] = 1/(1 + exp(-x[n]))", UNIT),
        ("s[n] = sigmoid(x[n])\nt[n] = s[n]*(1 - s[n])/2", UNIT),
        ("t[n] = x[n]**2 + exp(x[n])", POSITIVE),
        ("t[n] = 1 - x[n]**2", ANY),
        ("t[n] = sum(m: abs(x[m])*sigmoid(x[n]))", POSITIVE),
    ],
)
def test_the_numbers_of_a_tensor(formula: str, expected: Range) -> None:
    """What is proved of a tensor holds for what the module calculates in single precision, far out as well."""
    text = f"network signs\ninput x[N]\n{formula}\noutput t\n"
    net = network_of(text, training=False)
    assert ranges_of(forward_program(net, ("t",))).get("t", ANY) == expected
    points = np.concatenate([np.linspace(-80, 80, 100_001), [0, 1e-30, -1e-30]]).astype(np.float32)
    if "sum" in formula:
        points = points[::5000]
    found = compile_spec(load(text)).module.predict({}, points)["t"]
    assert expected == ANY or found.min() >= 0
    assert expected != UNIT or found.max() <= 1
