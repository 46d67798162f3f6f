"""What a formula that people read says, in numbers: written apart from the code that makes the formula."""

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
Known = dict[str, int]
Meaning = Callable[[Known], Any]
MOST_PLACES = 40  # of a tensor that are looked at


def disagrees(
    formula: Formula, value: sp.Expr, values: Values, sizes: Mapping[str, int], most: int = MOST_PLACES
) -> bool:
    """Whether a right-hand side says something else than the values of the left-hand side, at `most` places."""
    meaning = _Reader(values).read(value)
    with np.errstate(all="ignore"):
        for point in places_of(formula, sizes, most):
            known = dict(sizes) | dict(zip(formula.indices, point, strict=True))
            said, wanted = float(meaning(known)), float(values[formula.name][point])
            if not np.isclose(said, wanted, rtol=1e-8, atol=1e-12, equal_nan=True):
                return True
    return False


def places_of(formula: Formula, sizes: Mapping[str, int], most: int) -> list[tuple[int, ...]]:
    """Places of the left-hand side, spread over all of it."""
    shape = tuple(extent.value(sizes) for extent in formula.tensors[formula.name].extents)
    everywhere = list(np.ndindex(shape))
    step = -(-len(everywhere) // most)
    return everywhere[:: step or 1]


class _Reader:
    """Every method gives a function of the values of indices and sizes."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.rows: tuple[tuple[Any, Callable[[Any], Meaning]], ...] = (
            (sp.Symbol, self.symbol),
            (sp.Integer, lambda e: always(int(e))),
            (sp.Number, lambda e: always(float(e))),
            (sp.Indexed, self.access),
            (padded, self.padded),
            (f.where, lambda e: self.choice(e.args[0], e.args[1], e.args[2])),
            (sp.ITE, lambda e: self.choice(*e.args)),
            (sp.Piecewise, self.piecewise),
            (sp.And, lambda e: self.logic(e, all)),
            (sp.Or, lambda e: self.logic(e, any)),
            (sp.Mul, self.times),
            ((sp.Sum, sp.Product, Extreme), self.reduction),
        )

    def read(self, e: sp.Basic) -> Meaning:
        for kind, row in self.rows:
            if isinstance(e, kind):
                return row(e)
        if e in FLOAT.constants:
            return always(FLOAT.constants[e])
        arguments = [self.read(a) for a in e.args]
        function = _SYMPY.get(type(e)) or FLOAT.functions[type(e)]
        return lambda known: function(*[argument(known) for argument in arguments])

    def symbol(self, e: sp.Symbol) -> Meaning:
        if e == f.INFINITY:
            return always(math.inf)
        if e.name in self.values:
            return always(self.values[e.name].item())
        return lambda known: known[e.name]

    def access(self, e: sp.Indexed) -> Meaning:
        array, places = self.values[e.base.label.name], [self.read(i) for i in e.indices]

        def element(known: Known) -> Any:
            at = tuple(place(known) for place in places)
            assert all(0 <= k < n for k, n in zip(at, array.shape, strict=True)), f"{e} is read at {at}"
            return array[at].item()

        return element

    def padded(self, e: padded) -> Meaning:
        inside, default = self.read(e.args[0]), self.read(e.args[1])
        places = [self.read(i) for i in e.args[0].indices]
        shape = self.values[e.args[0].base.label.name].shape
        return lambda known: (
            inside(known) if all(0 <= p(known) < n for p, n in zip(places, shape, strict=True)) else default(known)
        )

    def choice(self, *args: sp.Basic) -> Meaning:
        test, yes, no = map(self.read, args)
        return lambda known: yes(known) if test(known) != 0 else no(known)

    def piecewise(self, e: sp.Piecewise) -> Meaning:
        branches = [(self.read(value), self.read(test)) for value, test in e.args]
        return lambda known: next(value(known) for value, test in branches if test(known))

    def logic(self, e: sp.Basic, together: Callable[..., bool]) -> Meaning:
        tests = [self.read(test) for test in sorted(e.args, key=lambda test: test.has(sp.Indexed))]
        return lambda known: together(test(known) for test in tests)

    def times(self, e: sp.Mul) -> Meaning:
        """A product; where a delta or a condition on indices is 0 there is nothing, whatever else it has."""
        first = [a for a in e.args if isinstance(a, sp.KroneckerDelta)]
        first += [a for a in e.args if isinstance(a, f.where | sp.Piecewise) and not a.has(sp.Indexed)]
        tests = [self.read(a) for a in first]
        others = [self.read(a) for a in e.args if a not in first]

        def value(known: Known) -> Any:
            result: Any = 1
            for test in tests:
                result *= test(known)
                if result == 0:
                    return 0
            return math.prod([other(known) for other in others], start=result)

        return value

    def reduction(self, e: sp.Expr) -> Meaning:
        body = self.read(e.args[1] if isinstance(e, Extreme) else e.function)
        bounds = [(limit[0].name, self.read(limit[1]), self.read(limit[2])) for limit in e.limits]
        op = {sp.Sum: "sum", sp.Product: "prod"}.get(type(e)) or e.args[0].name

        def value(known: Known) -> Any:
            ranges = [range(low(known), high(known) + 1) for _, low, high in bounds]
            inner = dict(known)
            found = []
            for point in product(*ranges):
                inner.update(zip((name for name, _, _ in bounds), point, strict=True))
                found.append(body(inner))
            return _FOLDS[op](found)

        return value


def always(value: Any) -> Meaning:
    return lambda known: value


_FOLDS: Mapping[str, Callable[[list[Any]], Any]] = {
    "sum": sum,
    "prod": math.prod,
    "max": lambda found: max(found, default=-math.inf),
    "min": lambda found: min(found, default=math.inf),
    "argmax": lambda found: found.index(max(found)) if found else 0,
    "argmin": lambda found: found.index(min(found)) if found else 0,
}
_SYMPY: Mapping[type, Any] = {
    sp.Add: lambda *args: sum(args),
    sp.Pow: lambda a, b: FLOAT.divide(1, a) if b == -1 else FLOAT.power(float(a), float(b)),
    sp.KroneckerDelta: lambda a, b: int(a == b),
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
