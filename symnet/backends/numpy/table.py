"""The scalar functions of bodies as ufuncs, a row each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import sympy as sp

from symnet.backends.numpy.scope import Scalar
from symnet.ir.functions import absolute, log1p, max2

if TYPE_CHECKING:
    from symnet.backends.numpy.elementwise import Formula
    from symnet.backends.numpy.instructions import Value

# name of a function of bodies to that of a ufunc
UFUNCS = {
    **{name: name for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "log1p", "expm1")},
    "atan": "arctan",
    "erf": "erf",
    "absolute": "absolute",
    "sign": "sign",
    "floor": "floor",
    "max2": "maximum",
    "min2": "minimum",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "power": "power",
}

# name of a condition to the ufunc that gives its mask
CONDITIONS = {
    "eq": "equal",
    "ne": "not_equal",
    "lt": "less",
    "le": "less_equal",
    "both": "logical_and",
    "either": "logical_or",
    "negation": "logical_not",
    "step": "greater",
}

# name of a comparison to the ufunc of its opposite
NEGATED = {"eq": "not_equal", "ne": "equal", "lt": "greater_equal", "le": "greater"}

# functions that give integers for integers
WHOLE = frozenset(("floordiv", "mod", "max2", "min2", "absolute", "sign", "floor", "where", "stop"))

ONE = Scalar("1", "int", constant=True, atomic=True)
MINUS_ONE = Scalar("-1", "int", constant=True)
ZERO = Scalar("0", "int", constant=True, atomic=True)


def _sigmoid(formula: Formula, x: sp.Expr) -> Value:
    """1 / (1 + exp(-x)): exp overflows to the right limit. The sign costs nothing where it meets a number."""
    formula.scope.quiet = True
    e = formula.emit("exp", (formula.number(formula.value(-x), "real"),), "real")
    return formula.emit("divide", (ONE, formula.emit("add", (e, ONE), "real")), "real")


def _softplus(formula: Formula, x: sp.Expr) -> Value:
    """max(x, 0) + log1p(exp(-|x|))"""
    return formula.value(sp.Add(*softplus_parts(x)))


def softplus_parts(x: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """softplus(x) as two terms: max(x, 0) and log1p(exp(-|x|)). Of a sum the second, smaller one comes last."""
    return max2(x, 0), log1p(sp.exp(-absolute(x)))


COMPOSED: dict[str, Callable[[Formula, sp.Expr], Value]] = {"sigmoid": _sigmoid, "softplus": _softplus}
