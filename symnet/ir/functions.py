"""The scalar functions of bodies that are not SymPy's own, with their derivatives.

SymPy's Piecewise, Abs, Max, Min, sign, floor and Heaviside never occur in a body: their derivatives are deltas and
halves, and nests of them are slow. Conditions are functions that are 1 or 0. Conventions at kinks: step(0) = 0,
abs'(0) = 0, and max2, min2 pass the derivative to the first of two equal arguments.

From SymPy itself a body may hold: numbers, +, *, constant powers, exp, log, sin, cos, tan, sinh, cosh, tanh, atan, erf,
pi and E.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy as sp

# Sorts of numbers that SymPy may make of a formula that has no real value.
IMPROPER = (sp.zoo, sp.nan, sp.oo, -sp.oo, sp.I)

# The doubles of full precision, and where they end.
SMALLEST, OVERFLOW = sp.Integer(2) ** -1022, sp.Integer(2) ** 1024

# The value of the literal `inf`. A symbol, so that SymPy calculates nothing with it.
INFINITY = sp.Symbol("inf", real=True)


class _Real(sp.Function):  # type: ignore[misc]
    is_real = True
    is_commutative = True


class _Condition(_Real):
    """1 where the condition holds, else 0; the derivative is 0 everywhere."""

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        return sp.S.Zero


class _Constant(_Real):
    """Piecewise constant: the derivative is taken as 0 everywhere."""

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        return sp.S.Zero


def _truth(value: bool) -> sp.Expr:
    return sp.S.One if value else sp.S.Zero


def _order(a: sp.Expr, b: sp.Expr) -> int | None:
    """The sign of a - b where both are numbers, such as 3 or exp(2); None elsewhere."""
    if a.is_Number and b.is_Number:
        return int(bool(a > b)) - int(bool(a < b))
    if not (a.is_number and b.is_number):
        return None
    difference = (a - b).evalf(30)
    if not difference.is_Number or difference is sp.nan:
        return None
    return 0 if abs(difference) < 1e-25 else int(bool(difference > 0)) - int(bool(difference < 0))


def _decided(a: sp.Expr, b: sp.Expr, test: Callable[[int], bool]) -> sp.Expr | None:
    """1 or 0 where both are numbers, by the sign of a - b; None elsewhere."""
    order = _order(a, b)
    return None if order is None else _truth(test(order))


class eq(_Condition):
    """a == b"""

    nargs = 2

    @classmethod
    def eval(cls, a: sp.Expr, b: sp.Expr) -> sp.Expr | None:
        if a == b:
            return sp.S.One
        return _decided(a, b, lambda order: order == 0)


class ne(_Condition):
    """a != b"""

    nargs = 2

    @classmethod
    def eval(cls, a: sp.Expr, b: sp.Expr) -> sp.Expr | None:
        if a == b:
            return sp.S.Zero
        return _decided(a, b, lambda order: order != 0)


class lt(_Condition):
    """a < b"""

    nargs = 2

    @classmethod
    def eval(cls, a: sp.Expr, b: sp.Expr) -> sp.Expr | None:
        return _decided(a, b, lambda order: order < 0)


class le(_Condition):
    """a <= b"""

    nargs = 2

    @classmethod
    def eval(cls, a: sp.Expr, b: sp.Expr) -> sp.Expr | None:
        return _decided(a, b, lambda order: order <= 0)


class both(_Condition):
    """1 where both arguments are not 0"""

    nargs = 2

    @classmethod
    def eval(cls, a: sp.Expr, b: sp.Expr) -> sp.Expr | None:
        if a.is_zero or b.is_zero:
            return sp.S.Zero
        if a == 1 and isinstance(b, _Condition) or a == b:
            return b
        return a if b == 1 and isinstance(a, _Condition) else None


class either(_Condition):
    """1 where one of the arguments is not 0"""

    nargs = 2

    @classmethod
    def eval(cls, a: sp.Expr, b: sp.Expr) -> sp.Expr | None:
        if a == 1 or b == 1:
            return sp.S.One
        if a == 0 and isinstance(b, _Condition) or a == b and isinstance(a, _Condition):
            return b
        return a if b == 0 and isinstance(a, _Condition) else None


class negation(_Condition):
    """1 where the argument is 0"""

    nargs = 1

    @classmethod
    def eval(cls, a: sp.Expr) -> sp.Expr | None:
        return _truth(a == 0) if a.is_Number else None


class where(_Real):
    """a where the condition is not 0, else b. The other branch is not evaluated: it may be infinite or NaN there."""

    nargs = 3

    @classmethod
    def eval(cls, condition: sp.Expr, a: sp.Expr, b: sp.Expr) -> sp.Expr | None:
        if condition.is_Number:
            return b if condition == 0 else a
        if a == b:
            return a
        if isinstance(a, where) and a.args[0] == condition:
            return where(condition, a.args[1], b)
        if isinstance(b, where) and b.args[0] == condition:
            return where(condition, a, b.args[2])
        return None

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        condition, a, b = self.args
        return where(condition, a.diff(symbol), b.diff(symbol))


class max2(_Real):
    """The greater of two values."""

    nargs = 2

    @classmethod
    def eval(cls, a: sp.Expr, b: sp.Expr) -> sp.Expr | None:
        if a == b:
            return a
        order = _order(a, b)
        return None if order is None else (a if order >= 0 else b)

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        a, b = self.args
        return where(le(b, a), a.diff(symbol), b.diff(symbol))


class min2(_Real):
    """The smaller of two values."""

    nargs = 2

    @classmethod
    def eval(cls, a: sp.Expr, b: sp.Expr) -> sp.Expr | None:
        if a == b:
            return a
        order = _order(a, b)
        return None if order is None else (a if order <= 0 else b)

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        a, b = self.args
        return where(le(a, b), a.diff(symbol), b.diff(symbol))


class sign(_Constant):
    """-1, 0 or 1"""

    nargs = 1

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        order = _order(x, sp.S.Zero)
        return None if order is None else sp.Integer(order)


class step(_Constant):
    """1 for x > 0, else 0"""

    nargs = 1

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        return _decided(x, sp.S.Zero, lambda order: order > 0)


class floor(_Constant):
    """The greatest integer that is not above x"""

    nargs = 1

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        return sp.floor(x) if x.is_number else None


class floordiv(_Constant):
    """floor(a / b)"""

    nargs = 2

    @classmethod
    def eval(cls, a: sp.Expr, b: sp.Expr) -> sp.Expr | None:
        return sp.floor(a / b) if a.is_Number and b.is_Number and b != 0 else None


class mod(_Real):
    """a - b*floor(a / b)"""

    nargs = 2

    @classmethod
    def eval(cls, a: sp.Expr, b: sp.Expr) -> sp.Expr | None:
        return a - b * sp.floor(a / b) if a.is_Number and b.is_Number and b != 0 else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        a, b = self.args
        return sp.S.One if argindex == 1 else -floordiv(a, b)


class absolute(_Real):
    """|x|"""

    nargs = 1

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        order = _order(x, sp.S.Zero)
        return None if order is None else (x if order >= 0 else -x)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sign(self.args[0])


class power(_Real):
    """x**y where the exponent is no constant; a zero base has a zero derivative for the exponent."""

    nargs = 2

    @classmethod
    def eval(cls, x: sp.Expr, y: sp.Expr) -> sp.Expr | None:
        if y.is_Number or (x.is_Number and x > 0) or (x.is_number and y.is_number):
            return x**y
        return None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        x, y = self.args
        if argindex == 1:
            return where(eq(y, 0), 0, y * power(x, y - 1))
        return where(lt(0, x), power(x, y) * sp.log(x), 0)


class sigmoid(_Real):
    """1 / (1 + exp(-x))"""

    nargs = 1

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        return 1 / (1 + sp.exp(-x)) if x.is_number else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        x = self.args[0]
        s = sigmoid(-x) if x.could_extract_minus_sign() else self  # the derivative is even
        return s * (1 - s)


class softplus(_Real):
    """log(1 + exp(x))"""

    nargs = 1

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        return sp.log(1 + sp.exp(x)) if x.is_number else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sigmoid(self.args[0])


class log1p(_Real):
    """log(1 + x)"""

    nargs = 1

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        return sp.log(1 + x) if x.is_number else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return 1 / (1 + self.args[0])


class expm1(_Real):
    """exp(x) - 1"""

    nargs = 1

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        return sp.exp(x) - 1 if x.is_number else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.exp(self.args[0])


class stop(_Constant):
    """x itself, through which no derivative flows"""

    nargs = 1

    @classmethod
    def eval(cls, x: sp.Expr) -> sp.Expr | None:
        return x if x.is_number else None


CONDITIONS: tuple[type[sp.Function], ...] = (eq, ne, lt, le, both, either, negation)

# The operations of `symnet.language.network.Op` as functions of SymPy arguments.
OPERATIONS: dict[str, Any] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / b,
    "neg": lambda a: -a,
    "pow": power,
    "floordiv": floordiv,
    "mod": mod,
    "eq": eq,
    "ne": ne,
    "lt": lt,
    "le": le,
    "gt": lambda a, b: lt(b, a),
    "ge": lambda a, b: le(b, a),
    "and": both,
    "or": either,
    "not": negation,
    "where": where,
    "max2": max2,
    "min2": min2,
    "exp": sp.exp,
    "log": sp.log,
    "sqrt": sp.sqrt,
    "sin": sp.sin,
    "cos": sp.cos,
    "tan": sp.tan,
    "tanh": sp.tanh,
    "sinh": sp.sinh,
    "cosh": sp.cosh,
    "arctan": sp.atan,
    "erf": sp.erf,
    "abs": absolute,
    "sign": sign,
    "step": step,
    "floor": floor,
    "sigmoid": sigmoid,
    "softplus": softplus,
    "log1p": log1p,
    "expm1": expm1,
    "stop": stop,
}


def proper(body: sp.Expr) -> sp.Expr:
    """The body with SymPy's Abs and sign, which it makes by itself of sqrt(x**2), replaced by our own."""
    if body.has(sp.Abs):
        body = body.replace(sp.Abs, absolute)
    if body.has(sp.sign):
        body = body.replace(sp.sign, sign)
    return body


def beyond_doubles(body: sp.Expr) -> bool:
    """Whether a formula holds a number that is too large or too small for a double, or that is not real."""
    if not body.is_number or body.is_Number:
        return any(number != 0 and not _is_double(number) for number in body.atoms(sp.Rational))
    value = body.evalf(15)
    return not value.is_Number or (value != 0 and not _is_double(value))


def _is_double(number: sp.Number) -> bool:
    return bool(SMALLEST <= abs(number) < OVERFLOW)
