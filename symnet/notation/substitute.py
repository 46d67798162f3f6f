"""Formulas put into each other, as long as the result can be read."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count, product
from typing import TYPE_CHECKING

import sympy as sp

from symnet.ir.functions import where
from symnet.ir.program import Tensor, index_symbol, size_expression
from symnet.notation.conditions import settled
from symnet.notation.expression import Extreme, padded, tensor_name
from symnet.notation.text import runs_fully
from symnet.notation.tidy import tidy

if TYPE_CHECKING:
    from symnet.notation.formula import Formula

# A formula with more nodes than this is no longer read at a glance.
LONGEST = 60

_REDUCTIONS = (sp.Sum, sp.Product, Extreme)


def closed(formula: Formula, definitions: Mapping[str, Formula]) -> Formula:
    """The formula with definitions in the place of the tensors they define, the last ones first."""
    value = formula.value
    for name in reversed(tuple(definitions)):
        longer = inserted(value, definitions[name], formula.indices)
        if longer is not value and length(longer) <= LONGEST:
            value = longer
    return formula.with_value(tidy(without_deltas(value, formula.tensors)))


def length(e: sp.Expr) -> int:
    """How many tensors, numbers and operations an expression has."""
    if isinstance(e, sp.Indexed) or not e.args:
        return 1
    return 1 + sum(length(a) for a in e.args if not isinstance(a, sp.Tuple))


def inserted(e: sp.Expr, definition: Formula, taken: tuple[str, ...]) -> sp.Expr:
    """An expression with the right-hand side of a definition in the place of its left-hand side, at any indices."""
    names = tuple(map(index_symbol, definition.indices))
    found = [a for a in e.atoms(sp.Indexed if names else sp.Symbol) if tensor_name(a) == definition.name]
    if not found:
        return e
    taken = (*taken, *(s.name for s in e.atoms(sp.Symbol)))
    body = renamed_apart(definition.value, set(taken))
    values = {a: body.xreplace(dict(zip(names, getattr(a, "indices", ()), strict=True))) for a in found}
    # A default is that of one access: where a longer formula would take its place it stays.
    kept = {} if isinstance(body, sp.Indexed) else {p: sp.Dummy() for p in e.atoms(padded) if p.args[0] in values}
    return e.xreplace(kept).xreplace(values).xreplace({dummy: part for part, dummy in kept.items()})


def bound_names(e: sp.Expr) -> tuple[str, ...]:
    """The names of the indices that sums, products and extremes bind, sorted."""
    return tuple(sorted({limit[0].name for part in e.atoms(*_REDUCTIONS) for limit in part.limits}))


def renamed_apart(e: sp.Expr, taken: set[str]) -> sp.Expr:
    """An expression whose bound indices bear none of these names."""
    bound = {limit[0] for part in e.atoms(*_REDUCTIONS) for limit in part.limits}
    names: dict[sp.Symbol, sp.Symbol] = {}
    used = taken | {s.name for s in e.atoms(sp.Symbol)}
    for index in sorted(bound, key=str):
        if index.name in taken:
            fresh = next(f"{index.name}{k}" for k in count(2) if f"{index.name}{k}" not in used)
            used.add(fresh)
            names[index] = index_symbol(fresh)
    return e.xreplace(names)


def without_deltas(e: sp.Expr, tensors: Mapping[str, Tensor]) -> sp.Expr:
    """Sums over a Kronecker delta of the bound index: sum(c: δ(c, y[n])*W[c]) is W[y[n]]."""
    return e.replace(lambda part: isinstance(part, sp.Sum), lambda total: _picked(total, tensors))


def _picked(total: sp.Sum, tensors: Mapping[str, Tensor]) -> sp.Expr:
    filtered = isinstance(total.function, where) and total.function.args[2] == 0
    condition, body = total.function.args[:2] if filtered else (sp.S.One, total.function)
    deltas = [f for f in sp.Mul.make_args(body) if isinstance(f, sp.KroneckerDelta)]
    for limit, delta in product(total.limits, deltas):
        value = next((a for a in delta.args if a != limit[0]), delta)
        if limit[0] not in delta.args or not _stays_inside(value, limit, tensors, total.function):
            continue
        chosen = {limit[0]: value}
        found = settled(where(condition.xreplace(chosen), (body / delta).xreplace(chosen), 0))
        rest = [other for other in total.limits if other != limit]
        return _picked(sp.Sum(found, *rest), tensors) if rest else found
    return total


def _stays_inside(value: sp.Expr, limit: sp.Tuple, tensors: Mapping[str, Tensor], body: sp.Expr) -> bool:
    """Whether a value is one that an index runs over: an integer tensor's, or another index of as many values."""
    if limit[0] in value.free_symbols:
        return False
    if value.is_Symbol:
        return runs_fully(sp.Tuple(value, 0, limit[2]), body)
    if not isinstance(value, sp.Indexed):
        return False
    bound = tensors[tensor_name(value)].bound
    return bound is not None and size_expression(bound - 1) == limit[2]


def with_deltas_solved(e: sp.Expr) -> sp.Expr:
    """Sums over a bound index that a Kronecker delta fixes, where what they add up is 0 if it leaves its range.

    sum(u, p: dy[u]*w[p]*δ(i, 2*u + p - 1)) is sum(u: dy[u]*(w[i + 1 - 2*u] else 0)), if p goes through all of w.
    """
    return e.replace(lambda part: isinstance(part, sp.Sum), _solved)


def _solved(total: sp.Sum) -> sp.Expr:
    factors = sp.Mul.make_args(total.function)
    deltas = [f for f in factors if isinstance(f, sp.KroneckerDelta)]
    for limit, delta in product(total.limits, deltas):
        index, others = limit[0], [f for f in factors if f != delta]
        distance = sp.expand(delta.args[0] - delta.args[1])
        slope = distance.coeff(index)
        value = index - distance / slope if slope in (1, -1) else index
        if index in value.free_symbols or any(a.has(index) for a in distance.args if a.args and a != slope * index):
            continue
        reads = [f for f in others if index in f.free_symbols]
        if not reads or not all(_goes_through(f, limit) for f in reads):
            continue
        moved = {f: f.xreplace({index: value}) for f in reads}
        body = sp.Mul(
            *(f if f not in moved else moved[f] if isinstance(f, padded) else padded(moved[f], 0) for f in others)
        )
        rest = [other for other in total.limits if other != limit]
        return _solved(sp.Sum(body, *rest)) if rest else body
    return total


def _goes_through(factor: sp.Expr, limit: sp.Tuple) -> bool:
    """Whether a factor is a tensor, maybe one that is 0 outside, that has the index in one whole dimension."""
    access = factor.args[0] if isinstance(factor, padded) and factor.args[1] == 0 else factor
    if not isinstance(access, sp.Indexed):
        return False
    using = [k for k, place in enumerate(access.indices) if limit[0] in place.free_symbols]
    whole = (0, access.base.shape[using[0]] - 1) == tuple(limit[1:])
    return len(using) == 1 and access.indices[using[0]] == limit[0] and whole
