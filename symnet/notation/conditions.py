"""Conditions as people write them: no doubled ones, none that is known to hold, deltas for equal integers.

Where two numbers are compared, one of a <= b and b < a is taken to hold; a NaN has no formula.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp

from symnet.ir.functions import both, eq, floordiv, le, lt, max2, min2, mod, ne, negation, where


def settled(e: sp.Expr) -> sp.Expr:
    """The same value with its conditions put right, from the innermost outwards."""
    if not e.args or isinstance(e, sp.Indexed):
        return e
    args = tuple(settled(a) for a in e.args)
    e = e if args == e.args else e.func(*args)
    if isinstance(e, negation):
        return opposite(e.args[0])
    if isinstance(e, sp.Mul):
        return _merged(e)
    return _choice(*e.args) if isinstance(e, where) else e


def opposite(condition: sp.Expr) -> sp.Expr:
    """The condition that holds where this one does not."""
    make = _OPPOSITES.get(type(condition))
    return negation(condition) if make is None else make(*condition.args)


_OPPOSITES: Mapping[type, Callable[..., sp.Expr]] = {
    lt: lambda a, b: le(b, a),
    le: lambda a, b: lt(b, a),
    eq: ne,
    ne: eq,
    negation: lambda a: a,
}


def _choice(condition: sp.Expr, yes: sp.Expr, no: sp.Expr) -> sp.Expr:
    if condition == 1 or isinstance(condition, le | eq) and condition.args[0] == condition.args[1]:
        return yes
    yes, no = _knowing(yes, condition), _knowing(no, opposite(condition))
    if yes == 0:
        condition, yes, no = opposite(condition), no, yes
    if no == 0 and isinstance(yes, where) and yes.args[2] == 0:
        condition, yes = both(condition, yes.args[0]), yes.args[1]
    if no == 0 and isinstance(condition, eq) and all(map(is_whole, condition.args)):
        return sp.KroneckerDelta(*condition.args) * yes
    return where(condition, yes, no)


def is_whole(e: sp.Expr) -> bool:
    """Whether an expression is an integer for sure."""
    if isinstance(e, sp.Add | sp.Mul | mod | floordiv):
        return all(map(is_whole, e.args))
    return bool(e.is_integer)


def _knowing(e: sp.Expr, fact: sp.Expr) -> sp.Expr:
    """An expression in a place where a condition holds."""
    known = {}
    for part in e.atoms(where, max2, min2):
        if isinstance(part, where) and part.args[0] in (fact, opposite(fact)):
            known[part] = part.args[1 if part.args[0] == fact else 2]
        elif isinstance(fact, lt | le) and not isinstance(part, where) and set(part.args) == set(fact.args):
            known[part] = fact.args[1 if isinstance(part, max2) else 0]
    return e.xreplace(known)


def _merged(e: sp.Mul) -> sp.Expr:
    """Two choices by the same condition, multiplied, are one."""
    merged: dict[sp.Expr, tuple[sp.Expr, sp.Expr]] = {}
    rest: list[sp.Expr] = []
    for factor in e.args:
        if isinstance(factor, where):
            condition, yes, no = factor.args
            before = merged.get(condition, (sp.S.One, sp.S.One))
            merged[condition] = before[0] * yes, before[1] * no
        else:
            rest.append(factor)
    if len(merged) == len(e.args) - len(rest):
        return e
    return sp.Mul(*rest, *(_choice(condition, yes, no) for condition, (yes, no) in merged.items()))
