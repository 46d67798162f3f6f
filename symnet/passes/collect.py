"""Terms that add up: a*b*(1 - y) + a*b*y is a*b.

The second derivative of a formula that was written with a case for each label has such terms. Only what becomes
shorter is changed: no sum is multiplied out, no factor taken out for its own sake.
"""

from __future__ import annotations

from functools import lru_cache

import sympy as sp

from symnet.ir.functions import proper
from symnet.ir.program import Program, Statement, statement

MOST_TERMS = 12  # pairs of terms are compared


def collect(program: Program) -> Program:
    """The same values from fewer terms."""
    return program.map(_collected)


def _collected(s: Statement) -> Statement:
    body = collected(s.body)
    return s if body == s.body else statement(s.target, s.op, s.domain, proper(body), s.leaves, s.guards, s.origin)


@lru_cache(maxsize=4096)
def collected(e: sp.Expr) -> sp.Expr:
    """An expression with its sums collected, the inner ones first."""
    if not e.args or not e.has(sp.Add):
        return e
    args = tuple(map(collected, e.args))
    e = e.func(*args) if args != e.args else e
    return _sum(e) if isinstance(e, sp.Add) and len(e.args) <= MOST_TERMS else e


def _sum(e: sp.Expr) -> sp.Expr:
    terms = list(sp.Add.make_args(e))
    for k, one in enumerate(terms):
        for other in terms[k + 1 :]:
            merged = _merged(one, other)
            if merged is not None:
                return _sum(sp.Add(merged, *(t for t in terms if t is not one and t is not other)))
    return e


def _merged(one: sp.Expr, other: sp.Expr) -> sp.Expr | None:
    """Two terms as one, None where what is left of them beside their common factors does not become shorter."""
    first, second = one.as_powers_dict(), other.as_powers_dict()
    shared = [base for base, exponent in first.items() if not base.is_Number and second.get(base) == exponent]
    if not shared:
        return None
    common = sp.Mul(*(base ** first[base] for base in shared))
    left, right = one / common, other / common
    rest = left + right
    shorter = len(sp.Add.make_args(rest)) < len(sp.Add.make_args(left)) + len(sp.Add.make_args(right))
    return common * rest if shorter else None
