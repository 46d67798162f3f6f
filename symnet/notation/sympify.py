"""Expressions in functions that SymPy knows: for a reader who goes on calculating with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from symnet.ir import functions as f
from symnet.notation.expression import Extreme, padded

Row = Callable[..., Any]

# SymPy takes every Piecewise out of a condition, which doubles it each time: one with more of them stays as it is.
MOST_FOLDED = 4


def plain_sympy(e: sp.Expr) -> sp.Expr:
    """The expression with SymPy's own functions in the place of those of the language, conditions as Piecewise."""
    if not e.args:
        return sp.oo if e == f.INFINITY else e
    if isinstance(e, f.CONDITIONS):
        return choice(condition(e), sp.S.One, sp.S.Zero)
    if isinstance(e, f.where):
        test, yes, no = e.args
        if len(test.atoms(f.where, padded)) > MOST_FOLDED:
            return f.where(test, plain_sympy(yes), plain_sympy(no))
        return choice(condition(test), plain_sympy(yes), plain_sympy(no))
    if isinstance(e, padded):
        access, default = e.args
        lengths = zip(access.indices, access.base.shape, strict=True)
        inside = sp.And(*(test for place, length in lengths for test in (sp.Ge(place, 0), sp.Lt(place, length))))
        return choice(inside, access, default)
    args = [a if isinstance(a, sp.Tuple | sp.IndexedBase) else plain_sympy(a) for a in e.args]
    return _with_limits(type(e), args) if isinstance(e, sp.Sum | sp.Product) else _ROWS.get(type(e), e.func)(*args)


def _with_limits(kind: type[sp.Expr], args: list[sp.Basic]) -> sp.Expr:
    """A Sum or Product as it stands; its constructor would multiply out every Piecewise in it."""
    bare = kind(sp.Dummy(), *args[1:])
    bare._args = tuple(args)
    return bare


def choice(test: sp.Basic, yes: sp.Expr, no: sp.Expr) -> sp.Expr:
    """A Piecewise as it stands: SymPy would carry conditions in and out of each other, which may take minutes."""
    if test in (sp.true, sp.false):
        return yes if test == sp.true else no
    return sp.Piecewise((yes, test), (no, True), evaluate=False)


def condition(e: sp.Expr) -> sp.Basic:
    """A condition of the language as one of SymPy; any other number holds where it is not 0."""
    if isinstance(e, f.both | f.either | f.negation):
        return _LOGIC[type(e)](*map(condition, e.args))
    if type(e) in _RELATIONS:
        return _RELATIONS[type(e)](*map(plain_sympy, e.args), evaluate=False)
    return sp.Ne(plain_sympy(e), 0, evaluate=False)


_RELATIONS: Mapping[type, Row] = {f.eq: sp.Eq, f.ne: sp.Ne, f.lt: sp.Lt, f.le: sp.Le}
_LOGIC: Mapping[type, Row] = {f.both: sp.And, f.either: sp.Or, f.negation: sp.Not}

# Functions of the language in terms of SymPy's; those that are not listed are SymPy's own.
_ROWS: Mapping[type, Row] = {
    f.max2: sp.Max,
    f.min2: sp.Min,
    f.sign: sp.sign,
    f.step: lambda x: sp.Heaviside(x, 0),
    f.floor: sp.floor,
    f.floordiv: lambda a, b: sp.floor(a / b),
    f.mod: sp.Mod,
    f.absolute: sp.Abs,
    f.power: sp.Pow,
    f.sigmoid: lambda x: 1 / (1 + sp.exp(-x)),
    f.softplus: lambda x: sp.log(1 + sp.exp(x)),
    f.log1p: lambda x: sp.log(1 + x),
    f.expm1: lambda x: sp.exp(x) - 1,
    Extreme: lambda op, body, *limits: Extreme(op, body, *limits),
}
