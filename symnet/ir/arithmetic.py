"""The numbers that the interpreter calculates with: IEEE doubles, or 50 digits.

Both arithmetics follow the rules of IEEE 754 outside of a function's range: 1/0 is inf, log(0) is -inf, 0*inf and
log(-1) are nan. Nothing raises. Integers stay Python ints until they meet a real number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from symnet.ir import functions as f

Number = Any
Function = Callable[..., Number]


@dataclass(frozen=True)
class Arithmetic:
    """How to make numbers and how to calculate with them.

    number      an int, a float or a Fraction as a number of this arithmetic
    divide      a / b
    power       a ** b
    functions   the value of a SymPy function, by its class; `where` is not among them, since it is lazy
    constants   pi, E and inf
    """

    number: Callable[[Any], Number]
    divide: Function
    power: Function
    functions: Mapping[type, Function]
    constants: Mapping[sp.Expr, Number]


def _larger(a: Number, b: Number) -> Number:
    return a if a >= b or a != a else b


def _smaller(a: Number, b: Number) -> Number:
    return a if a <= b or a != a else b


def _functions(
    number: Callable[[Any], Number], divide: Function, power: Function, real: Mapping[str, Function]
) -> dict[type, Function]:
    """The rows that both arithmetics share, and those of `real` under the names of the language."""

    def floordiv(a: Number, b: Number) -> Number:
        return a // b if isinstance(a, int) and isinstance(b, int) and b else real["floor"](divide(a, b))

    def sigmoid(x: Number) -> Number:
        small = real["exp"](-abs(x))
        return divide(1, 1 + small) if x >= 0 else divide(small, 1 + small)

    def softplus(x: Number) -> Number:
        return _larger(x, 0) + real["log1p"](real["exp"](-abs(x)))

    return {
        f.eq: lambda a, b: int(a == b),
        f.ne: lambda a, b: int(a != b),
        f.lt: lambda a, b: int(a < b),
        f.le: lambda a, b: int(a <= b),
        f.both: lambda a, b: int(a != 0 and b != 0),
        f.either: lambda a, b: int(a != 0 or b != 0),
        f.negation: lambda a: int(a == 0),
        f.max2: _larger,
        f.min2: _smaller,
        f.sign: lambda x: x if x != x else int(x > 0) - int(x < 0),
        f.step: lambda x: int(x > 0),
        f.absolute: abs,
        f.stop: lambda x: x,
        f.power: power,
        f.floordiv: floordiv,
        f.mod: lambda a, b: a - b * floordiv(a, b),
        f.floor: lambda x: x if isinstance(x, int) else real["floor"](x),
        f.sigmoid: sigmoid,
        f.softplus: softplus,
        f.log1p: real["log1p"],
        f.expm1: real["expm1"],
        sp.exp: real["exp"],
        sp.log: real["log"],
        sp.sin: real["sin"],
        sp.cos: real["cos"],
        sp.tan: real["tan"],
        sp.sinh: real["sinh"],
        sp.cosh: real["cosh"],
        sp.tanh: real["tanh"],
        sp.atan: real["atan"],
        sp.erf: real["erf"],
    }


# --- IEEE doubles ----------------------------------------------------------------------------------


def _ieee(fast: Function, ufunc: Function) -> Function:
    """`fast`, and NumPy's answer where that raises: inf or nan. The caller silences NumPy's warnings."""

    def call(*arguments: Number) -> float:
        try:
            return float(fast(*arguments))
        except (ValueError, OverflowError, ZeroDivisionError):
            return float(ufunc(*map(float, arguments)))

    return call


def _float(value: Any) -> float:
    return value.numerator / value.denominator if isinstance(value, Fraction) else float(value)


def _double() -> Arithmetic:
    divide = _ieee(lambda a, b: a / b, np.divide)
    power = _ieee(math.pow, np.power)
    ufuncs = {name: getattr(np, name) for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "floor")}
    ufuncs |= {"atan": np.arctan, "log1p": np.log1p, "expm1": np.expm1, "erf": math.erf}
    real = {name: _ieee(getattr(math, name), ufunc) for name, ufunc in ufuncs.items()}
    constants = {sp.pi: math.pi, sp.E: math.e, f.INFINITY: math.inf}
    return Arithmetic(_float, divide, power, _functions(_float, divide, power, real), constants)


# --- many digits -----------------------------------------------------------------------------------


@lru_cache(maxsize=16)
def digits(count: int) -> Arithmetic:
    """Floating point with so many decimal digits, by mpmath; its exponents have no bounds."""
    context = mpmath.MPContext()
    context.dps = count

    def number(value: Any) -> Number:
        return context.mpf(value.numerator) / value.denominator if isinstance(value, Fraction) else context.mpf(value)

    def real(function: Function) -> Function:
        def call(*arguments: Number) -> Number:
            value = function(*map(context.mpf, arguments))
            return context.nan if isinstance(value, context.mpc) else value

        return call

    def quotient(a: Number, b: Number) -> Number:
        if b == 0:
            return context.nan if a == 0 or a != a else context.inf * (1 if a > 0 else -1)
        return a / b

    def raised(a: Number, b: Number) -> Number:
        return context.inf if a == 0 and b < 0 else a**b

    names = ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "floor", "atan", "log1p", "expm1", "erf")
    rows = {name: real(getattr(context, name)) for name in names}
    divide, power = real(quotient), real(raised)
    constants = {sp.pi: +context.pi, sp.E: +context.e, f.INFINITY: context.inf}
    return Arithmetic(number, divide, power, _functions(number, divide, power, rows), constants)


FLOAT = _double()
DIGITS50 = digits(50)
