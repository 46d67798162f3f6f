"""What a reduction does to a derivative on its way through it, backward or forward.

A sum passes it on, max and min to and from the first index that attains the value, prod multiplies it by the product
over the other indices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.functions import eq, ne, where
from symnet.ir.program import Access, Statement, Tensor, fresh_name, index_expression, index_symbol, leaf, statement
from symnet.language.extents import Extent
from symnet.passes.conditions import FAR

# (a derivative as it comes out, the leaves that this takes besides, statements that calculate them)
Passed = tuple[sp.Expr, dict[sp.Symbol, Access], list[Statement]]


def passed(s: Statement, derivative: sp.Expr, tensors: dict[str, Tensor]) -> Passed:
    """A derivative at a point of a statement's domain, on its way through the reduction.

    New tensors are added to `tensors`.
    """
    return ROWS[s.op](s, derivative, tensors)


def _sum(s: Statement, derivative: sp.Expr, tensors: dict[str, Tensor]) -> Passed:
    return derivative, {}, []


def _first_extreme(s: Statement, derivative: sp.Expr, tensors: dict[str, Tensor]) -> Passed:
    """The position of the first extreme value is saved, and is a constant from then on."""
    box = tuple((n, s.extents[n]) for n in s.free)
    name = fresh_name(f"{s.target.tensor}_arg", tensors)
    tensors[name] = Tensor(name, tuple(e for _, e in box), "value", integer=True)
    position = Access(name, tuple(Affine.index(n) for n, _ in box))
    saved = statement(position, f"arg{s.op}", s.domain, s.body, s.leaves, s.guards, origin="forward")
    at = leaf(FAR - 2)
    here = index_expression(joined(s.reduced, s.extents))
    return where(eq(at, here), derivative, 0), {at: position}, [saved]


def _other_factors(s: Statement, derivative: sp.Expr, tensors: dict[str, Tensor]) -> Passed:
    """The product over all other indices; never T/A, which is NaN at a zero."""
    other = {n: f"{n}_other" for n in s.reduced}
    renamed = {n: Affine.index(m) for n, m in other.items()}
    name = fresh_name(f"{s.target.tensor}_others", tensors)
    tensors[name] = Tensor(name, tuple(e for _, e in s.domain), "value")
    here, there = joined(s.reduced, s.extents), joined(s.reduced, s.extents).substitute(renamed)
    body = s.body.xreplace({index_symbol(n): index_symbol(m) for n, m in other.items()})
    others = statement(
        Access(name, tuple(Affine.index(n) for n, _ in s.domain)),
        "prod",
        (*s.domain, *((other[n], s.extents[n]) for n in s.reduced)),
        where(ne(index_expression(here), index_expression(there)), body, 1),
        tuple(a.substitute(renamed) for a in s.leaves),
        tuple(g.substitute(renamed) for g in s.guards),
        origin="forward",
    )
    rest = leaf(FAR - 2)
    return derivative * rest, {rest: Access(name, others.target.places)}, [others]


ROWS: dict[str, Callable[[Statement, sp.Expr, dict[str, Tensor]], Passed]] = {
    "=": _sum,
    "+": _sum,
    "max": _first_extreme,
    "min": _first_extreme,
    "prod": _other_factors,
}


def joined(names: tuple[str, ...], extents: Mapping[str, Extent]) -> Affine:
    """The row-major joined position of several indices."""
    total = Affine()
    for name in names:
        total = total * extents[name] + Affine.index(name)
    return total
