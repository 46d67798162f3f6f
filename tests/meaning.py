"""What a network means by the book: every element on demand, straight from the equations of the text.

It shares nothing with the compiler behind the resolver, so lowering, passes and backend are all tried against it, and
differences of its loss are gradients that no pass has seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np

from symnet.language.extents import Extent
from symnet.language.network import Equation, Expr, Index, Infinity, Network, Num, Op, Reduce, Ref, Size

Point = Mapping[str, int]


def quiet(function: Callable[..., float]) -> Callable[..., float]:
    """The function with inf and nan where Python raises."""

    def calculated(*args: float) -> float:
        try:
            return function(*args)
        except OverflowError:
            return math.inf
        except ZeroDivisionError:
            return math.copysign(math.inf, args[0]) if args[0] else math.nan
        except ValueError:
            return math.nan

    return calculated


OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": quiet(lambda a, b: a / b),
    "floordiv": lambda a, b: a // b,
    "mod": lambda a, b: a % b,
    "pow": quiet(lambda a, b: a**b if isinstance(b, int) else math.pow(a, b)),
    "neg": lambda a: -a,
    "eq": lambda a, b: int(a == b),
    "ne": lambda a, b: int(a != b),
    "lt": lambda a, b: int(a < b),
    "le": lambda a, b: int(a <= b),
    "gt": lambda a, b: int(a > b),
    "ge": lambda a, b: int(a >= b),
    "not": lambda a: int(not a),
    "max2": lambda a, b: b if b > a else a,
    "min2": lambda a, b: b if b < a else a,
    "exp": quiet(math.exp),
    "log": lambda a: -math.inf if a == 0 else quiet(math.log)(a),
    "sqrt": quiet(math.sqrt),
    "sin": math.sin,
    "cos": math.cos,
    "tan": math.tan,
    "tanh": math.tanh,
    "sinh": quiet(math.sinh),
    "cosh": quiet(math.cosh),
    "arctan": math.atan,
    "erf": math.erf,
    "abs": abs,
    "sign": lambda a: (a > 0) - (a < 0),
    "step": lambda a: int(a > 0),
    "floor": math.floor,
    "sigmoid": lambda a: (1 + math.tanh(a / 2)) / 2,
    "softplus": lambda a: max(a, 0) + math.log1p(math.exp(-abs(a))),
    "log1p": math.log1p,
    "expm1": math.expm1,
    "stop": lambda a: a,
}


REDUCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "sum": sum,
    "mean": lambda values: sum(values) / len(values) if values else 0,
    "prod": math.prod,
    "max": lambda values: max(values, default=-math.inf),
    "min": lambda values: min(values, default=math.inf),
    "argmax": lambda values: values.index(max(values)),
    "argmin": lambda values: values.index(min(values)),
}


class Meaning:
    """A network at given values of its inputs, parameters and states."""

    def __init__(self, network: Network, values: Mapping[str, Any], sizes: Mapping[str, int]) -> None:
        self.network = network
        self.sizes = sizes
        self.values = {name: np.asarray(value) for name, value in values.items()}
        self.elements: dict[tuple[str, tuple[int, ...]], Any] = {}
        self.writers: dict[str, dict[tuple[int, ...], list[tuple[Equation, Point]]]] = {}

    def tensor(self, name: str) -> np.ndarray[Any, Any]:
        """All elements of a tensor."""
        shape = tuple(map(self.number, self.network.tensors[name].extents))
        return np.array([self.element(name, place) for place in np.ndindex(*shape)]).reshape(shape)

    def element(self, name: str, place: tuple[int, ...] = ()) -> Any:
        """One element of a tensor."""
        if name in self.values:
            return self.values[name][place].item()
        if (name, place) not in self.elements:
            self.elements[name, place] = self.written(name, place)
        return self.elements[name, place]

    def written(self, name: str, place: tuple[int, ...]) -> Any:
        if name not in self.writers:
            self.writers[name] = self.written_places(name)
        equations = self.writers[name].get(place, [])
        assert sum(not equation.scatter for equation, _ in equations) == 1, (
            f"{name}{place} has {len(equations)} equations"
        )
        return sum(self.value(equation.value, point) for equation, point in equations)

    def written_places(self, name: str) -> dict[tuple[int, ...], list[tuple[Equation, Point]]]:
        found: dict[tuple[int, ...], list[tuple[Equation, Point]]] = {}
        for equation in self.network.equations:
            if equation.target == name:
                for point in self.points(equation.indices):
                    place = tuple(self.value(e, point) for e in equation.places)
                    self.check_inside(name, place)
                    found.setdefault(place, []).append((equation, point))
        return found

    # --- expressions ---

    def value(self, e: Expr, point: Point) -> Any:
        """The value of an expression at a point; integers stay Python ints."""
        match e:
            case Num():
                return float(e.value) if e.real or e.value.denominator != 1 else int(e.value)
            case Infinity():
                return math.inf
            case Index():
                return point[e.name]
            case Size():
                return self.number(e.extent)
            case Ref():
                return self.read(e, point)
            case Op("where", (condition, a, b)):
                return self.value(a if self.value(condition, point) else b, point)
            case Op("and", args):
                return int(all(self.value(arg, point) for arg in args))
            case Op("or", args):
                return int(any(self.value(arg, point) for arg in args))
            case Op():
                return OPERATIONS[e.name](*(self.value(arg, point) for arg in e.args))
            case Reduce():
                return self.reduced(e, point)

    def read(self, e: Ref, point: Point) -> Any:
        place = tuple(self.value(index, point) for index in e.indices)
        if e.default is not None and not self.inside(e.tensor, place):
            return self.value(e.default, point)
        self.check_inside(e.tensor, place)
        return self.element(e.tensor, place)

    def reduced(self, e: Reduce, point: Point) -> Any:
        values: list[Any] = []
        for bound in self.points(e.binders):
            at = {**point, **bound}
            if e.condition is None or self.value(e.condition, at):
                values.append(self.value(e.body, at))
            elif e.op.startswith("arg"):  # a place that is never the first extreme one, but is counted
                values.append(-math.inf if e.op == "argmax" else math.inf)
        return REDUCTIONS[e.op](values)

    # --- extents ---

    def number(self, extent: Extent) -> int:
        return extent.value(self.sizes)

    def points(self, box: tuple[tuple[str, Extent], ...]) -> Iterator[dict[str, int]]:
        for place in product(*(range(self.number(extent)) for _, extent in box)):
            yield dict(zip((name for name, _ in box), place, strict=True))

    def inside(self, name: str, place: tuple[int, ...]) -> bool:
        extents = self.network.tensors[name].extents
        assert len(extents) == len(place)
        return all(0 <= index < self.number(extent) for index, extent in zip(place, extents, strict=True))

    def check_inside(self, name: str, place: tuple[int, ...]) -> None:
        if not self.inside(name, place):
            raise IndexError(f"{name}{place} is out of range")
