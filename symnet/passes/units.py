"""Indices of a single value that only come next to others: with one group, g*C + c is c.

They are taken out of an equation before it is lowered, so that a layer for any number of groups gives for one of them
what one would write.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from symnet.language.network import Equation, Expr, Index, Num, Op, Reduce, Ref
from symnet.passes.affine_formulas import to_affine


def without_units(equation: Equation) -> Equation:
    """The equation without its free indices of a single value, where these occur only in sums with other indices."""
    units = {name for name, extent in equation.indices if extent.constant == 1}
    units -= set(_alone((*equation.places, *_places(equation.value)))) if units else set()
    if not units:
        return equation
    return replace(
        equation,
        indices=tuple((name, extent) for name, extent in equation.indices if name not in units),
        places=tuple(_zeroed(place, units) for place in equation.places),
        value=_zeroed(equation.value, units),
    )


def _places(e: Expr) -> Iterator[Expr]:
    """The index expressions of all reads in a formula, those in other index expressions included."""
    if isinstance(e, Ref):
        yield from e.indices
    for part in _parts(e):
        yield from _places(part)


def _alone(places: tuple[Expr, ...]) -> Iterator[str]:
    """The indices that some place has by themselves, or in a form that is not affine."""
    for place in places:
        affine = to_affine(place)
        if affine is None:
            yield from _indices(place)
        elif len(affine.terms) == 1:
            yield affine.terms[0][0]


def _indices(e: Expr) -> Iterator[str]:
    if isinstance(e, Index):
        yield e.name
    for part in _parts(e):
        yield from _indices(part)


def _parts(e: Expr) -> tuple[Expr, ...]:
    if isinstance(e, Op):
        return e.args
    if isinstance(e, Ref):
        return e.indices if e.default is None else (*e.indices, e.default)
    if isinstance(e, Reduce):
        return (e.body,) if e.condition is None else (e.body, e.condition)
    return ()


def _zeroed(e: Expr, units: set[str]) -> Expr:
    """A formula with 0 in the place of these indices."""
    if isinstance(e, Index):
        return Num(Fraction(0)) if e.name in units else e
    if isinstance(e, Op):
        return replace(e, args=tuple(_zeroed(a, units) for a in e.args))
    if isinstance(e, Ref):
        default = None if e.default is None else _zeroed(e.default, units)
        return replace(e, indices=tuple(_zeroed(i, units) for i in e.indices), default=default)
    if isinstance(e, Reduce):
        condition = None if e.condition is None else _zeroed(e.condition, units)
        return replace(e, condition=condition, body=_zeroed(e.body, units))
    return e
