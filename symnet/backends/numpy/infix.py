"""A small SymPy body as one Python expression, for the few lines that are not worth a kernel: those of an optimiser.

Scalars are Python numbers, arrays NumPy arrays of the `dtype` in scope. Factors that are scalars come first, so that
they are multiplied before they meet an array, and as Python floats, since a NumPy float64 would make it float64 too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import sympy as sp

from symnet.backends.numpy.print import number_source
from symnet.ir.functions import INFINITY

# How tightly an expression binds: an operand of lower rank needs parentheses.
SUM, PRODUCT, SIGN, POWER, ATOM = range(5)

COMPARISONS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<="}
LOGIC = {"both": "np.logical_and", "either": "np.logical_or", "negation": "np.logical_not"}
OPERATORS = {"floordiv": (PRODUCT, " // "), "mod": (PRODUCT, " % "), "power": (POWER, "**")}

# name of a function of bodies to source; arguments stand between brackets or commas
CALLS = {
    **{name: f"np.{name}({{0}})" for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: f"np.{name}({{0}})" for name in ("sign", "floor", "log1p", "expm1")},
    "atan": "np.arctan({0})",
    "erf": "_erf({0})",
    "absolute": "np.abs({0})",
    "step": "np.heaviside({0}, 0)",
    "max2": "np.maximum({0}, {1})",
    "min2": "np.minimum({0}, {1})",
    "sigmoid": "np.reciprocal(1 + np.exp(-({0})))",
    "softplus": "np.logaddexp(0, {0})",
}


class Infix:
    """Prints bodies.

    names   symbol's name to source
    arrays  the sources that are arrays
    wide    the sources that are numbers in NumPy's float64, which divide by 0 without an exception
    """

    def __init__(self, names: Mapping[str, str], arrays: frozenset[str], wide: frozenset[str] = frozenset()) -> None:
        self.names = names
        self.arrays = arrays
        self.wide = wide

    def source(self, body: sp.Expr, rank: int = SUM) -> str:
        """The expression, in parentheses where it binds less tightly than `rank`."""
        text, own = self._printed(body)
        return f"({text})" if own < rank else text

    def _part(self, whole: sp.Expr, part: sp.Expr, rank: int = SUM) -> str:
        """The source of a part: a Python float where it is a number that NumPy calculates and the whole is an array."""
        text = self.source(part, rank)
        if self.is_array(whole) and not self.is_array(part) and self._is_wide(text):
            return f"float({self.source(part)})"
        return text

    def condition(self, body: sp.Expr) -> str:
        """The expression as a truth value."""
        name = type(body).__name__
        if name in COMPARISONS:
            left, right = (self._part(body, argument) for argument in body.args)
            return f"{left} {COMPARISONS[name]} {right}"
        if name in LOGIC:
            return f"{LOGIC[name]}({', '.join(map(self.condition, body.args))})"
        return f"{self.source(body)} != 0"

    def is_array(self, body: sp.Expr) -> bool:
        """Whether the value is an array rather than a number."""
        return any(self.names[symbol.name] in self.arrays for symbol in body.free_symbols if symbol.name in self.names)

    def signed_terms(self, body: sp.Expr) -> list[tuple[bool, sp.Expr]]:
        """The terms of a sum with their signs taken off: (negative, term), positive ones first."""
        terms = []
        for term in sp.Add.make_args(body):
            negative = term.as_coeff_Mul()[0].is_negative is True
            terms.append((negative, -term if negative else term))
        return sorted(terms, key=lambda signed: (signed[0], signed[1].is_number, self.source(signed[1])))

    def _printed(self, body: sp.Expr) -> tuple[str, int]:
        if body in (INFINITY, -INFINITY) or body.is_number and not body.free_symbols:
            text = number_source(body)
            rank = SIGN if text.startswith("-") else PRODUCT if "/" in text else ATOM
            return text, rank
        if body.is_Symbol:
            return self.names[body.name], ATOM
        for kind, printed in self._STRUCTURE:
            if isinstance(body, kind):
                return printed(self, body)
        return self._function(body)

    def _sum(self, body: sp.Expr) -> tuple[str, int]:
        text = ""
        for negative, term in self.signed_terms(body):
            sign = "-" if negative else "+"
            shown = self._part(body, term, PRODUCT)
            text += f" {sign} {shown}" if text else ("-" if negative else "") + shown
        return text, SUM

    def _product(self, body: sp.Expr) -> tuple[str, int]:
        coefficient, _ = body.as_coeff_Mul()
        if coefficient.is_negative:
            # A minus binds more tightly than % and //, which therefore need parentheses behind it.
            whole = type(-body).__name__ in OPERATORS
            return f"-{self.source(-body, SIGN if whole else PRODUCT)}", SIGN
        above, below = [], []
        for factor in sp.Mul.make_args(body):
            base, exponent = factor.as_base_exp()
            if exponent.is_number and exponent.is_negative:
                below.append(base**-exponent)
            elif isinstance(factor, sp.Rational) and not factor.is_integer and factor.p == 1:
                below.append(sp.Integer(factor.q))
            else:
                above.append(factor)
        # Numbers first, then arrays, each with what divides it; a lone array comes before its divisors.
        numbers, arrays = (self._factors(above, below, array) for array in (False, True))
        if numbers and arrays and self._is_wide(_joined(numbers)):
            numbers = [(" * ", f"float({_joined(numbers)})")]
        elif numbers and arrays and numbers[0][0] == " / " and arrays[0][0] == " * ":
            numbers.insert(0, arrays.pop(0))
        return _joined([*numbers, *arrays]), PRODUCT

    def _factors(self, above: list[sp.Expr], below: list[sp.Expr], array: bool) -> list[tuple[str, str]]:
        """Operator and source of the factors that are arrays, or are not, in a fixed order."""
        signed = ((" * ", above), (" / ", below))
        return [
            (sign, text)
            for sign, factors in signed
            for text in sorted(self.source(factor, SIGN) for factor in factors if self.is_array(factor) is array)
        ]

    def _is_wide(self, text: str) -> bool:
        """Whether the source of a number gives a NumPy float64, which makes float64 of an array that it meets."""
        return "np." in text or any(re.search(rf"\b{name}\b", text) for name in self.wide)

    def _power(self, body: sp.Expr) -> tuple[str, int]:
        base, exponent = body.args
        if exponent == sp.Rational(1, 2):
            return f"np.sqrt({self.source(base)})", ATOM
        if exponent == 2 and base.is_Symbol and self.is_array(base):
            return f"{self.source(base)} * {self.source(base)}", PRODUCT
        if exponent.is_number and exponent.is_negative:
            return f"1 / {self.source(base**-exponent, SIGN)}", PRODUCT
        return _raised(self._part(body, base, ATOM), self._part(body, exponent, ATOM)), POWER

    def _function(self, body: sp.Expr) -> tuple[str, int]:
        name = type(body).__name__
        if name in CALLS:
            return CALLS[name].format(*(self._part(body, argument) for argument in body.args)), ATOM
        if name == "where":
            condition, chosen, other = body.args
            branches = f"{self._part(body, chosen)}, {self._part(body, other)}"
            return f"np.where({self.condition(condition)}, {branches})", ATOM
        if name == "stop":
            return self._printed(body.args[0])
        if name in OPERATORS:
            rank, operator = OPERATORS[name]
            parts = [self._part(body, argument, rank + 1) for argument in body.args]
            return _raised(*parts) if name == "power" else operator.join(parts), rank
        if self.is_array(body):
            return f"np.asarray({self.condition(body)}, dtype)", ATOM
        return f"float({self.condition(body)})", ATOM

    _STRUCTURE: tuple[tuple[type, Callable[[Infix, sp.Expr], tuple[str, int]]], ...] = (
        (sp.Add, _sum),
        (sp.Mul, _product),
        (sp.Pow, _power),
        (sp.exp, lambda self, body: (f"np.exp({self.source(body.args[0])})", ATOM)),
    )


def _raised(base: str, exponent: str) -> str:
    """A power as a formatter has it: without spaces where both sides are names or numbers."""
    simple = all(re.fullmatch(r"-?[\w.]+", text) for text in (base, exponent))
    return f"{base}**{exponent}" if simple else f"{base} ** {exponent}"


def _joined(factors: Sequence[tuple[str, str]]) -> str:
    """The product of factors with their operators; it begins with 1 where the first one divides."""
    text = "" if factors[0][0] == " * " else "1"
    for sign, factor in factors:
        text = f"{text}{sign}{factor}" if text else factor
    return text
