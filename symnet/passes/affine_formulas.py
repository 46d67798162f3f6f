"""Parts of formulas that need no SymPy: affine index expressions, filters as guards, numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import inf

from symnet.ir.affine import Affine
from symnet.language.network import Expr, Index, Infinity, Num, Op, Size


def plain_number(e: Expr) -> Fraction | float | None:
    """The value of a literal with its sign, None for any other formula."""
    if isinstance(e, Num):
        return e.value
    if isinstance(e, Infinity):
        return inf
    if isinstance(e, Op) and e.name == "neg":
        inner = plain_number(e.args[0])
        return None if inner is None else -inner
    return None


def to_affine(e: Expr) -> Affine | None:
    """An index expression as an affine one, None where it is not."""
    if isinstance(e, Num):
        return Affine.of(e.value.numerator) if e.value.denominator == 1 and not e.real else None
    if isinstance(e, Index):
        return Affine.index(e.name)
    if isinstance(e, Size):
        return Affine.of(e.extent)
    if not isinstance(e, Op):
        return None
    parts = [to_affine(a) for a in e.args]
    known = [p for p in parts if p is not None]
    if len(known) < len(parts):
        return None
    return _AFFINE[e.name](*known) if e.name in _AFFINE else None


def _product(a: Affine, b: Affine) -> Affine | None:
    if not a.terms:
        return b * a.constant
    return a * b.constant if not b.terms else None


_AFFINE: Mapping[str, Callable[..., Affine | None]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "neg": lambda a: a * -1,
    "mul": _product,
}


def conjuncts(condition: Expr | None) -> tuple[Expr, ...]:
    """The conditions that `and` joins; none for no condition."""
    if condition is None:
        return ()
    if isinstance(condition, Op) and condition.name == "and":
        return tuple(part for arg in condition.args for part in conjuncts(arg))
    return (condition,)


def as_guards(condition: Expr) -> tuple[Affine, ...] | None:
    """A comparison of affine expressions as guards, each of which must not be negative."""
    if not isinstance(condition, Op) or condition.name not in ("lt", "le", "gt", "ge", "eq"):
        return None
    a, b = (to_affine(arg) for arg in condition.args)
    if a is None or b is None:
        return None
    rows = {
        "lt": (b - a - 1,),
        "le": (b - a,),
        "gt": (a - b - 1,),
        "ge": (a - b,),
        "eq": (a - b, b - a),
    }
    return rows[condition.name]
