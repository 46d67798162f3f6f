"""Derivatives through values that have a name, and in their shortest form: q[k]/s is p[k] where p[k] = q[k]/s."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import sympy as sp

from symnet.ir.functions import sigmoid
from symnet.ir.program import index_symbol
from symnet.notation.formula import Formula
from symnet.notation.substitute import LONGEST, length
from symnet.notation.tidy import tidy

Powers = dict[sp.Expr, sp.Expr]


def shortened(e: sp.Expr, definitions: Iterable[Formula]) -> sp.Expr:
    """The shortest of a few forms of an expression that say the same."""
    known = tuple(definitions)
    plain = recognised(e, known)
    if length(plain) > LONGEST or not plain.has(sp.Add):
        return tidy(plain)
    mirrored = recognised(plain.replace(sigmoid, _mirrored), known)
    forms = [tidy(plain), tidy(sp.expand_mul(plain)), tidy(sp.expand_mul(mirrored))]
    return min(forms, key=length)


def _mirrored(x: sp.Expr) -> sp.Expr:
    """sigmoid(-x) = 1 - sigmoid(x)"""
    return 1 - sigmoid(-x) if x.could_extract_minus_sign() else sigmoid(x)


def recognised(e: sp.Expr, definitions: Iterable[Formula]) -> sp.Expr:
    """The expression with products and functions that a tensor is defined as replaced by the tensor."""
    for definition in definitions:
        value = definition.value
        if isinstance(value, sp.Function):
            e = e.replace(partial(_is_like, value), partial(_named_function, definition=definition))
        elif isinstance(value, sp.Mul) and len(powers(value)) > 1 and value.as_coeff_Mul()[0] == 1:
            e = e.replace(partial(_is_like, value), partial(_named_product, definition=definition))
    return e


def _is_like(pattern: sp.Expr, part: sp.Expr) -> bool:
    return isinstance(part, type(pattern))


def powers(e: sp.Expr) -> Powers:
    """The factors of a product, base to exponent."""
    return dict(
        factor.as_base_exp() if isinstance(factor, sp.Pow) else (factor, sp.S.One) for factor in sp.Mul.make_args(e)
    )


def _instances(definition: Formula, e: sp.Expr) -> Iterable[dict[sp.Symbol, sp.Expr]]:
    """The places at which an expression might hold the value of a tensor: what its indices would be."""
    indices = set(map(index_symbol, definition.indices))
    if not indices:
        yield {}
        return
    inside = sorted(definition.value.atoms(sp.Indexed), key=str)
    first = next((a for a in inside if indices <= set(a.indices)), None)
    if first is None:
        return
    for access in sorted(e.atoms(sp.Indexed), key=str):
        if access.base == first.base:
            yield {i: place for i, place in zip(first.indices, access.indices, strict=True) if i in indices}


def _named_function(e: sp.Expr, definition: Formula) -> sp.Expr:
    found = (places for places in _instances(definition, e) if definition.value.xreplace(places) == e)
    return next((definition.left.xreplace(places) for places in found), e)


def _named_product(e: sp.Expr, definition: Formula) -> sp.Expr:
    present = powers(e)
    for places in _instances(definition, e):
        wanted = powers(definition.value.xreplace(places))
        if all(_holds(present.get(base, sp.S.Zero), exponent) for base, exponent in wanted.items()):
            rest = sp.Mul(*(sp.Pow(b, x - wanted.get(b, 0)) for b, x in present.items()))
            return rest * definition.left.xreplace(places)
    return e


def _holds(exponent: sp.Expr, wanted: sp.Expr) -> bool:
    """Whether a power can be taken out of another one of the same base."""
    rest = exponent - wanted
    return bool(rest == 0 or rest.is_number and wanted.is_number and rest * wanted > 0)
