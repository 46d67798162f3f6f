"""Rules for sums and differences, and for comparisons of sums."""

from __future__ import annotations

import sympy as sp

from symnet.ir.functions import eq, expm1, le, lt, ne, stop
from symnet.passes.stabilise.work import Context, Rule


def _maximum_less_element(e: sp.Expr, context: Context) -> sp.Expr | None:
    """max(z) - z[y] as -(z - max(z))[y], where that is calculated anyway."""
    for term in e.args:
        factor, top = term.as_coeff_Mul()
        if not isinstance(top, stop) or context.leaves.get(top.args[0]) is None:
            continue
        for other in e.args:
            element = other / -factor
            if element in context.leaves and context.difference(element, top) != element - top:
                return e - term - other - factor * context.difference(element, top)
    return None


def _exponential_less_one(e: sp.Expr, context: Context) -> sp.Expr | None:
    """SymPy multiplies c*(exp(x) - 1) out where c is a number."""
    number, rest = e.as_coeff_Add()
    if number == 0 or len(e.args) != 2:
        return None
    quotient = rest / -number
    return -number * expm1(quotient.exp) if isinstance(quotient, sp.exp) else None


def _sum_compared_with_zero(e: sp.Expr, context: Context) -> sp.Expr | None:
    """The guard of a quotient must not see a sum that underflows to 0, or overflows."""
    if sp.S.Zero not in e.args:
        return None
    other = next(a for a in e.args if a != 0)
    pair = context.exponential_sum(other)
    return None if pair is None else e.xreplace({other: pair[1]})


SUMS = (
    Rule("max(z) - z[y]  ->  -(z - max(z))[y]", "log(sum(i: exp(v[i]))) - v[0]", sp.Add, _maximum_less_element),
    Rule("exp(x) - 1  ->  expm1(x)", "exp(x) - 1", sp.Add, _exponential_less_one),
    Rule(
        "sum(exp(z)) > 0  ->  sum(exp(z - max(z))) > 0",
        "where(sum(i: exp(v[i])) > 0, x**2, x)",
        (lt, le, eq, ne),
        _sum_compared_with_zero,
    ),
)
