"""Where derivatives are infinite or have no value: the conventions that keep 0*inf out of a chain of them.

At 0 the root of a sum of squares has a kink, as |x| has, and its derivative is taken as 0: that of sqrt is infinite
there, and that of the sum is 0. What is above 0 by its form, such as the root of a sum and a constant, needs nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sympy as sp

from symnet.ir.functions import CONDITIONS, absolute, floor, lt, max2, min2, sigmoid, sign, softplus, step, stop, where
from symnet.ir.program import Program, Statement, leaf_number
from symnet.passes.conditions import singular
from symnet.passes.definitions import definition

Writers = Mapping[str, tuple[Statement, ...]]
DEEPEST = 3
FINITE = (
    sp.Add, sp.Mul, sp.sin, sp.cos, sp.tanh, sp.atan, sp.erf,
    absolute, floor, max2, min2, sigmoid, sign, softplus, step, stop, where, *CONDITIONS,
)  # fmt: skip


def wild_tensors(program: Program) -> frozenset[str]:
    """The tensors that may be infinite or NaN where what they are made of, element by element, is not."""
    found: set[str] = set()
    for s in program.statements:
        if definition(program.writers[s.target.tensor]) is None:
            continue
        if not _is_finite(s.body) or any(a.tensor in found for a in s.leaves):
            found.add(s.target.tensor)
    return frozenset(found)


def _is_finite(body: sp.Expr) -> bool:
    return all(
        not e.args or isinstance(e, FINITE) or (isinstance(e, sp.Pow) and e.exp.is_Integer and e.exp > 0)
        for e in sp.preorder_traversal(body)
    )


def meets_infinity(derivative: sp.Expr, s: Statement, wild: Collection[str]) -> bool:
    """Whether a derivative may be infinite or NaN, so that the condition of what it is multiplied by has to be kept."""
    if singular(derivative):
        return True
    numbers = [n for n in map(leaf_number, derivative.free_symbols) if n is not None]
    return s.op == "=" and any(s.leaves[n].tensor in wild for n in numbers)


def guarded_roots(derivative: sp.Expr, s: Statement, writers: Writers) -> sp.Expr:
    """The derivative of a body, 0 where it divides by the root of a sum of squares that is 0."""
    for power in sorted(s.body.atoms(sp.Pow), key=sp.default_sort_key):
        root = not power.exp.is_Integer and power.exp.is_Rational and 0 < power.exp < 1
        if root and derivative.has(power.base) and _is_even(power.base, s, writers, DEEPEST):
            derivative = where(lt(0, power.base), derivative, 0)
    return derivative


def _is_even(e: sp.Expr, s: Statement, writers: Writers, depth: int) -> bool:
    """Whether an expression is a sum of squares and absolute values, so that its derivative is 0 where it is 0."""
    if isinstance(e, sp.Add):
        return all(_is_even(a, s, writers, depth) for a in e.args)
    if isinstance(e, sp.Mul):
        scale, rest = e.as_independent(*(x for x in e.free_symbols if leaf_number(x) is not None))
        return bool(scale.is_positive) and not isinstance(rest, sp.Mul) and _is_even(rest, s, writers, depth)
    if isinstance(e, sp.Pow) and isinstance(e.base, absolute):
        return bool(e.exp.is_positive)
    if isinstance(e, sp.Pow) and e.exp.is_positive:
        return bool(e.exp.is_even)
    if isinstance(e, absolute):
        return True
    number = leaf_number(e) if e.is_Symbol else None
    if number is None or not depth:
        return False
    written = writers.get(s.leaves[number].tensor, ())
    return bool(written) and all(w.op in ("=", "+") and _is_even(w.body, w, writers, depth - 1) for w in written)
