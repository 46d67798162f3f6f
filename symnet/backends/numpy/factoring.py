"""A factor that several terms of a sum have, multiplied with their sum: x*(2 - 400*d) for 2*x - 400*x*d.

It saves a product for each further term, but may lose some: where the other factors have fewer indices, their products
are cheaper than those with their sum. So both forms are counted, operation by operation.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

import sympy as sp

from symnet.backends.numpy.scope import Box
from symnet.ir.functions import softplus
from symnet.planning.contractions import volume
from symnet.planning.rows import COMMON_FACTOR

# A call takes as long as so many elements.
CALL = 1000


class Indexed(Protocol):
    """What knows the indices of expressions, and their extents."""

    @property
    def box(self) -> Box: ...

    def indices(self, body: sp.Expr) -> frozenset[str]:
        """The indices that a body depends on."""
        ...


def factored(formula: Indexed, terms: list[sp.Expr]) -> list[sp.Expr]:
    """The terms of a sum, those with the factor that saves most in one of them; as they are where none saves."""
    found: dict[sp.Expr, list[sp.Expr]] = {}
    for term in terms:
        for factor in sp.Mul.make_args(term):
            if not isinstance(factor, (sp.Add, softplus)) and formula.indices(factor):
                found.setdefault(factor, []).append(term)
    shared = {factor: own for factor, own in found.items() if len(own) > 1}
    if not shared:
        return terms
    saved = {factor: _saved(formula, factor, own) for factor, own in shared.items()}
    factor = max(saved, key=lambda f: saved[f])
    if not COMMON_FACTOR(saved[factor]):
        return terms
    own = shared[factor]
    inner = sp.Add(*(term / factor for term in own))
    return [sp.Mul(factor, inner, evaluate=False), *(term for term in terms if term not in own)]


def _saved(formula: Indexed, factor: sp.Expr, terms: Sequence[sp.Expr]) -> int:
    """How much cheaper the terms are with a factor taken out of them."""
    inner = [term / factor for term in terms]
    union = frozenset[str]().union(*map(formula.indices, inner))
    after = _sum_cost(formula, inner) + _cost(formula, [union, formula.indices(factor)])
    return _sum_cost(formula, terms) - after


def _sum_cost(formula: Indexed, terms: Sequence[sp.Expr]) -> int:
    """What the products of some terms and their sum cost."""
    products = sum(_cost(formula, _factors(formula, term)) for term in terms)
    return products + _cost(formula, [formula.indices(term) for term in terms])


def _factors(formula: Indexed, term: sp.Expr) -> list[frozenset[str]]:
    """The indices of each factor; none for a number that the others are multiplied with."""
    return [formula.indices(factor) for factor in sp.Mul.make_args(term) if factor != -1]


def _cost(formula: Indexed, operands: Collection[frozenset[str]]) -> int:
    """What it costs to combine operands one after the other, those with the fewest indices first.

    One that lacks indices of the result is repeated along them. A number alone costs nothing.
    """
    first, *others = sorted(operands, key=len) or [frozenset[str]()]
    total, known = 0, first
    for own in others:
        both = known | own
        repeated = sum(bool(part) and part != both for part in (known, own))
        total += (1 + repeated) * (CALL + volume(both, formula.box))
        known = both
    return total
