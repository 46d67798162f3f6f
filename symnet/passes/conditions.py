"""Conditions travel with derivatives.

Where a derivative is `where(c, e, 0)`, the next one is `where(c, e*f', 0)`, so that an infinite f' of the branch that
was not taken never meets the 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, reduce

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.functions import both, either, negation, where
from symnet.ir.program import Access, Place, Statement, index_expression, index_symbol, leaf, leaf_number
from symnet.language.extents import Extent

# (an expression, the accesses that its leaves stand for)
WithLeaves = tuple[sp.Expr, dict[sp.Symbol, Access]]
# (index names of the target, condition, leaves of the condition); None where the contribution has no such form
Mask = tuple[tuple[str, ...], sp.Expr, dict[sp.Symbol, Access]] | None

# Numbers of leaves that no statement reaches by itself.
FAR = 1_000_000


@lru_cache(maxsize=4096)
def singular(e: sp.Expr) -> bool:
    """Whether an expression of finite leaves may be infinite: it divides or takes a logarithm."""
    return any(
        isinstance(part, sp.log)
        or (isinstance(part, sp.Pow) and part.exp.could_extract_minus_sign() and part.base.free_symbols)
        for part in sp.preorder_traversal(e)
    )


def conditional_product(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """a*b, with a factor where(c, e, 0) around all of it: 0 where c does not hold, whatever the other factors are."""
    conditions: list[sp.Expr] = []
    product = sp.S.One
    for factor in (*sp.Mul.make_args(a), *sp.Mul.make_args(b)):
        while isinstance(factor, where) and factor.args[2] == 0:
            conditions.append(factor.args[0])
            factor = factor.args[1]
        if isinstance(factor, where) and factor.args[1] == 0:
            conditions.append(negation(factor.args[0]))
            factor = factor.args[2]
        product = product * factor
    for condition in reversed(conditions):
        product = where(condition, product, 0)
    return product


def condition_of(e: sp.Expr) -> sp.Expr | None:
    """The condition outside of which an expression is 0 by its form, None where it has no such form."""
    if isinstance(e, where) and 0 in e.args[1:]:
        condition, chosen, other = e.args
        condition, inner = (condition, chosen) if other == 0 else (negation(condition), other)
        further = condition_of(inner)
        return condition if further is None else both(condition, further)
    if not isinstance(e, sp.Mul | sp.Add):
        return None
    found = [condition_of(part) for part in e.args]
    known = [condition for condition in found if condition is not None]
    if isinstance(e, sp.Add):
        return reduce(either, known) if len(known) == len(found) else None
    return reduce(both, known) if known else None


def mask_of(s: Statement, extents: tuple[Extent, ...]) -> Mask:
    """The condition outside of which a contribution to a whole tensor is 0, if the condition reduces nothing."""
    indices = s.target.plain
    if indices is None or s.guards or tuple(s.extents[n] for n in indices) != extents:
        return None
    condition = condition_of(s.body)
    if condition is None:
        return None
    accesses: dict[sp.Symbol, Access] = {}
    for symbol in sorted(condition.free_symbols, key=str):
        number = leaf_number(symbol)
        if number is not None:
            accesses[symbol] = s.leaves[number]
        elif symbol.name in s.extents and symbol.name not in indices:
            return None
    if any(set(a.indices) - set(indices) for a in accesses.values()):
        return None
    return indices, condition, accesses


def condition_at(masks: Sequence[Mask], places: Sequence[Place], first: int = FAR) -> WithLeaves | None:
    """The condition outside of which a tensor is 0 at some places, from the conditions of all contributions to it.

    Its leaves are numbered from `first`.
    """
    if not masks or any(not isinstance(p, Affine) for p in places):
        return None
    leaves: dict[sp.Symbol, Access] = {}
    total: sp.Expr = sp.S.Zero
    for mask in masks:
        if mask is None:
            return None
        indices, condition, accesses = mask
        # The names of the contribution's indices give way to the places.
        into = {n: p for n, p in zip(indices, places, strict=True) if isinstance(p, Affine)}
        renamed = {index_symbol(n): index_expression(p) for n, p in into.items()}
        for symbol, access in accesses.items():
            renamed[symbol] = leaf(first + len(leaves))
            leaves[leaf(first + len(leaves))] = access.substitute(into)
        total = either(total, condition.xreplace(renamed))
    return total, leaves
