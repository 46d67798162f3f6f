"""Formulas put into each other, as long as the result can be read."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import count, product

import sympy as sp

from symnet.ir.program import Tensor, index_symbol, size_expression
from symnet.notation.expression import Extreme, tensor_name
from symnet.notation.formula import Formula
from symnet.notation.tidy import tidy

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
    return e.xreplace({a: body.xreplace(dict(zip(names, getattr(a, "indices", ()), strict=True))) for a in found})


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
    deltas = [f for f in sp.Mul.make_args(total.function) if isinstance(f, sp.KroneckerDelta)]
    for limit, delta in product(total.limits, deltas):
        value = next((a for a in delta.args if a != limit[0]), delta)
        if limit[0] not in delta.args or not _stays_inside(value, limit, tensors):
            continue
        body = (total.function / delta).xreplace({limit[0]: value})
        rest = [other for other in total.limits if other != limit]
        return _picked(sp.Sum(body, *rest), tensors) if rest else body
    return total


def _stays_inside(value: sp.Expr, limit: sp.Tuple, tensors: Mapping[str, Tensor]) -> bool:
    """Whether an integer tensor's values are those that an index runs over."""
    if not isinstance(value, sp.Indexed) or limit[0] in value.free_symbols:
        return False
    bound = tensors[tensor_name(value)].bound
    return bound is not None and size_expression(bound - 1) == limit[2]
