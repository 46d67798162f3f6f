"""The last pass: what only the passes needed is taken out, and bodies are put the way people write them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import sympy as sp

from symnet.ir.functions import stop
from symnet.ir.program import Program, Statement, statement


def finish(program: Program) -> Program:
    """The same values: `stop` is gone, for nothing is differentiated any more, and -(a - b) is b - a."""
    return program.map(_finished)


def _finished(s: Statement) -> Statement:
    body = tidy(s.body)
    if body == s.body:
        return s
    return replace(statement(s.target, s.op, s.domain, body, s.leaves, s.guards), origin=s.origin)


@lru_cache(maxsize=4096)
def tidy(body: sp.Expr) -> sp.Expr:
    """A body without `stop`, and with the sign of a product inside of its sum."""
    body = body.replace(stop, lambda x: x)
    return body.replace(_is_negated_sum, _with_sign_inside)


def _is_negated_sum(e: sp.Expr) -> bool:
    return (
        isinstance(e, sp.Mul) and e.args[0].is_Number and e.args[0] < 0 and any(isinstance(a, sp.Add) for a in e.args)
    )


def _with_sign_inside(e: sp.Expr) -> sp.Expr:
    total = next(a for a in e.args if isinstance(a, sp.Add))
    if not any(t.could_extract_minus_sign() for t in total.args):
        return e
    rest = sp.Mul(*(a for a in e.args[1:] if a != total))
    return -e.args[0] * rest * sp.Add(*(-t for t in total.args))
