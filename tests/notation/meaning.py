"""What a formula that people read says, as a number: written apart from the code that makes the formula."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from symnet.ir import functions as f
from symnet.ir.arithmetic import FLOAT
from symnet.notation.expression import Extreme, padded
from symnet.notation.formula import Formula

Values = Mapping[str, Any]


def array_of(formula: Formula, value: sp.Expr, values: Values, sizes: Mapping[str, int]) -> np.ndarray[Any, Any]:
    """A right-hand side at every place of the left-hand side."""
    shape = tuple(extent.value(sizes) for extent in formula.tensors[formula.name].extents)
    result = np.empty(shape)
    with np.errstate(all="ignore"):
        for point in np.ndindex(shape):
            known = dict(sizes) | dict(zip(formula.indices, point, strict=True))
            result[point] = number(value, values, known)
    return result


def number(e: sp.Basic, values: Values, known: Mapping[str, int]) -> Any:
    """An expression over tensors, sizes and indices as a number."""

    def of(part: sp.Basic) -> Any:
        return number(part, values, known)

    if isinstance(e, sp.Symbol):
        return known[e.name] if e.name in known else math.inf if e == f.INFINITY else values[e.name].item()
    if isinstance(e, sp.Indexed):
        array, place = values[e.base.label.name], tuple(of(i) for i in e.indices)
        assert all(0 <= k < n for k, n in zip(place, array.shape, strict=True)), f"{e} is read at {place}"
        return array[tuple(map(int, place))].item()
    if isinstance(e, padded):
        access, default = e.args
        place = [of(i) for i in access.indices]
        inside = all(0 <= k < n for k, n in zip(place, values[access.base.label.name].shape, strict=True))
        return of(access if inside else default)
    if isinstance(e, sp.KroneckerDelta):
        return int(of(e.args[0]) == of(e.args[1]))
    if isinstance(e, f.where):
        return of(e.args[1] if of(e.args[0]) != 0 else e.args[2])
    if isinstance(e, sp.Piecewise):
        return next(of(branch) for branch, test in e.args if of(test))
    if isinstance(e, sp.ITE):
        return of(e.args[1] if of(e.args[0]) else e.args[2])
    if isinstance(e, sp.And | sp.Or):
        tests = sorted(e.args, key=lambda test: test.has(sp.Indexed))
        return all(map(of, tests)) if isinstance(e, sp.And) else any(map(of, tests))
    if isinstance(e, sp.Sum | sp.Product | Extreme):
        return reduction(e, values, known)
    if isinstance(e, sp.Mul):
        return times(e, of)
    if type(e) in _SYMPY:
        return _SYMPY[type(e)](*map(of, e.args))
    if e in FLOAT.constants:
        return FLOAT.constants[e]
    if isinstance(e, sp.Number):
        return float(e) if not e.is_Integer else int(e)
    return FLOAT.functions[type(e)](*map(of, e.args))


def times(e: sp.Mul, of: Callable[[sp.Basic], Any]) -> Any:
    """A product; where a delta or a condition in it is 0 there is nothing, whatever else it has."""
    tests = [a for a in e.args if isinstance(a, sp.KroneckerDelta | f.where | sp.Piecewise)]
    result = math.prod(of(a) for a in tests if not a.has(sp.Indexed) or isinstance(a, sp.KroneckerDelta))
    if result == 0:
        return 0
    return math.prod(of(a) for a in e.args)


def reduction(e: sp.Expr, values: Values, known: Mapping[str, int]) -> Any:
    body = e.args[1] if isinstance(e, Extreme) else e.function
    ranges = [range(number(low, values, known), number(high, values, known) + 1) for _, low, high in e.limits]
    names = [limit[0].name for limit in e.limits]
    found = [number(body, values, dict(known) | dict(zip(names, k, strict=True))) for k in product(*ranges)]
    if isinstance(e, sp.Sum):
        return sum(found)
    if isinstance(e, sp.Product):
        return math.prod(found)
    op = e.args[0].name
    best = max(found, default=-math.inf) if op.endswith("max") else min(found, default=math.inf)
    return (found.index(best) if found else 0) if op.startswith("arg") else best


_SYMPY: Mapping[type, Any] = {
    sp.Add: lambda *args: sum(args),
    sp.Pow: lambda a, b: FLOAT.divide(1, a) if b == -1 else FLOAT.power(float(a), float(b)),
    sp.Abs: abs,
    sp.Max: max,
    sp.Min: min,
    sp.floor: math.floor,
    sp.Mod: lambda a, b: a % b,
    sp.sign: lambda x: (x > 0) - (x < 0),
    sp.Heaviside: lambda x, at_zero: int(x > 0) if x else at_zero,
    sp.Eq: lambda a, b: a == b,
    sp.Ne: lambda a, b: a != b,
    sp.StrictLessThan: lambda a, b: a < b,
    sp.LessThan: lambda a, b: a <= b,
    sp.StrictGreaterThan: lambda a, b: a > b,
    sp.GreaterThan: lambda a, b: a >= b,
    sp.Not: lambda a: not a,
    type(sp.true): lambda: True,
    type(sp.false): lambda: False,
}
