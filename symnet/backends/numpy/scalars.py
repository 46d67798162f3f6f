"""Bodies without an array in them, as Python expressions over NumPy scalars and sizes."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from symnet.backends.numpy.infix import ATOM, COMPARISONS, PRODUCT, SUM, Infix

# A conditional expression binds less tightly than a sum.
CHOICE = SUM - 1


class ScalarPrinter(Infix):
    """Prints a scalar body so that it stays a number of the module's dtype, and only the chosen branch is evaluated."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__(names, frozenset())

    def condition(self, body: sp.Expr) -> str:
        """The expression as a truth value."""
        name = type(body).__name__
        if name in COMPARISONS:
            left, right = (self.source(argument, SUM) for argument in body.args)
            return f"{left} {COMPARISONS[name]} {right}"
        if name == "step":
            return f"{self.source(body.args[0], SUM)} > 0"
        if name in ("both", "either"):
            word = " and " if name == "both" else " or "
            return word.join(f"({self.condition(argument)})" for argument in body.args)
        if name == "negation":
            return f"not ({self.condition(body.args[0])})"
        return f"{self.source(body, SUM)} != 0"

    def _function(self, body: sp.Expr) -> tuple[str, int]:
        name = type(body).__name__
        if name == "where":
            condition, chosen, other = body.args
            text = f"{self.source(chosen, SUM)} if {self.condition(condition)} else {self.source(other, CHOICE)}"
            return text, CHOICE
        if name in COMPARISONS or name in ("both", "either", "negation", "step"):
            return f"dtype.type({self.condition(body)})", ATOM
        if name == "sigmoid":
            return f"1 / (1 + np.exp({self.source(-body.args[0], SUM)}))", PRODUCT
        if name == "absolute":
            return f"abs({self.source(body.args[0])})", ATOM
        return super()._function(body)

    def _printed(self, body: sp.Expr) -> tuple[str, int]:
        if isinstance(body, sp.Pow) and body.exp.is_number and body.exp.is_negative and _may_be_zero(body.base):
            inverse = self.source(body.base**-body.exp, SUM)
            return f"1 / dtype.type({inverse})", PRODUCT  # Python would raise where IEEE arithmetic gives inf
        return super()._printed(body)

    def _product(self, body: sp.Expr) -> tuple[str, int]:
        for factor in sp.Mul.make_args(body):
            base, exponent = factor.as_base_exp()
            if exponent.is_number and exponent.is_negative and _may_be_zero(base):
                above = self.source(body / factor, PRODUCT)
                return f"{above} / dtype.type({self.source(base**-exponent, SUM)})", PRODUCT
        return super()._product(body)

    def _power(self, body: sp.Expr) -> tuple[str, int]:
        base, exponent = body.args
        if exponent == 2 and base.is_Symbol:
            return f"{self.source(base)} * {self.source(base)}", PRODUCT
        return super()._power(body)


def _may_be_zero(base: sp.Expr) -> bool:
    """Whether an expression of sizes alone could be 0: leaves are NumPy numbers, which need no care."""
    return not base.is_number and not base.is_positive and all(symbol.is_integer for symbol in base.free_symbols)
