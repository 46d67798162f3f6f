"""Expressions in functions that SymPy knows: for a reader who goes on calculating with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy as sp

from symnet.ir import functions as f
from symnet.notation.expression import Extreme, padded

Row = Callable[..., Any]


def plain_sympy(e: sp.Expr) -> sp.Expr:
    """The expression with SymPy's own functions in the place of those of the language, conditions as Piecewise."""
    if not e.args:
        return sp.oo if e == f.INFINITY else e
    if isinstance(e, f.CONDITIONS):
        return sp.Piecewise((1, condition(e)), (0, True))
    if isinstance(e, f.where):
        test, yes, no = e.args
        return sp.Piecewise((plain_sympy(yes), condition(test)), (plain_sympy(no), True))
    if isinstance(e, padded):
        access, default = e.args
        lengths = zip(access.indices, access.base.shape, strict=True)
        inside = sp.And(*(test for place, length in lengths for test in (sp.Ge(place, 0), sp.Lt(place, length))))
        return sp.Piecewise((access, inside), (default, True))
    make = _ROWS.get(type(e), e.func)
    return make(*(a if isinstance(a, sp.Tuple | sp.IndexedBase) else plain_sympy(a) for a in e.args))


def condition(e: sp.Expr) -> sp.Basic:
    """A condition of the language as one of SymPy; any other number holds where it is not 0."""
    if isinstance(e, f.both | f.either | f.negation):
        return _LOGIC[type(e)](*map(condition, e.args))
    if type(e) in _RELATIONS:
        return _RELATIONS[type(e)](*map(plain_sympy, e.args))
    return sp.Ne(plain_sympy(e), 0)


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
