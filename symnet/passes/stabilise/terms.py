"""Sums of exponentials within one body: exp(x) + 2*exp(-x) + 3, cosh(x), 1 + s where s is a sum of exponentials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import sympy as sp

from symnet.ir.functions import expm1, max2, stop
from symnet.passes.stabilise.work import Context


@dataclass(frozen=True, slots=True)
class Term:
    """coefficient*exp(exponent)"""

    coefficient: sp.Expr
    exponent: sp.Expr

    def shifted(self, top: sp.Expr, context: Context) -> sp.Expr:
        """The term divided by exp(top)."""
        return context.product(self.coefficient, sp.exp(self.exponent - top))


def terms_of(e: sp.Expr, context: Context) -> tuple[Term, ...]:
    """A sum as terms, those of equal exponents added up; what is no exponential has the exponent 0.

    There are none where no term is an exponential, or where one has been shifted before.
    """
    e = context.look(e)
    if e.has(stop):
        return ()
    found: dict[sp.Expr, sp.Expr] = {}
    for part in sp.Add.make_args(e):
        for term in _split(part, context):
            if term is None:
                return ()
            found[term.exponent] = found.get(term.exponent, sp.S.Zero) + term.coefficient
    terms = tuple(Term(c, x) for x, c in found.items() if c != 0)
    return terms if any(t.exponent != 0 for t in terms) else ()


def _split(part: sp.Expr, context: Context) -> tuple[Term | None, ...]:
    others, exponent = context.factors(part)
    if exponent.has(stop):
        return (None,)
    for factor in sp.Mul.make_args(others):
        rest = others / factor
        if isinstance(factor, sp.cosh | sp.sinh):
            x, sign = factor.args[0], 1 if isinstance(factor, sp.cosh) else -1
            return Term(rest / 2, exponent + x), Term(sign * rest / 2, exponent - x)
        if isinstance(factor, expm1):
            return Term(rest, exponent + factor.args[0]), Term(-rest, exponent)
        pair = context.exponential_sum(factor)
        if pair is not None:
            return (Term(rest * pair[1], exponent + pair[0]),)
    return (Term(others, exponent),)


def greatest(terms: Sequence[Term]) -> sp.Expr:
    """The greatest exponent, through which no gradient flows."""
    exponents = sorted((t.exponent for t in terms), key=lambda x: (x != 0, sp.default_sort_key(x)))
    return stop(reduce(max2, exponents))
