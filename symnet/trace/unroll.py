"""A network unrolled to operations on single numbers, as its equations are written.

Every index gets its value, so that conditions, index arithmetic and integer tensors are plain numbers here; what
depends on a real tensor is a `Scalar`: one operation on scalars and numbers. Equal operations on the same scalars are
one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from symnet.errors import UsageError
from symnet.ir.arrays import Array
from symnet.language.extents import Extent
from symnet.language.network import Equation, Expr, Index, Infinity, Network, Num, Op, Reduce, Ref, Size
from symnet.trace.operations import value_of

MOST_NODES = 5_000
MOST_WORK = 1_000_000  # how many operations, those on plain numbers included


@dataclass(eq=False)
class Scalar:
    """A number of the graph: given (no `op`), or an operation on others. `name` is empty until a tensor claims it."""

    op: str
    args: tuple[Term, ...]
    value: float
    name: str = ""


Number = int | float | Fraction
Term = Scalar | Number
Point = tuple[int, ...]
Places = dict[str, int]


@dataclass
class Unroller:
    """The elements of a network's tensors as terms, made tensor by tensor in the given order."""

    network: Network
    values: Mapping[str, Array]
    sizes: Mapping[str, int]
    scalars: list[Scalar] = field(default_factory=list)
    elements: dict[tuple[str, Point], Term] = field(default_factory=dict)
    known: dict[tuple[Any, ...], Scalar] = field(default_factory=dict)
    work: int = 0

    def __post_init__(self) -> None:
        self.equations: dict[str, list[Equation]] = {}
        for equation in self.network.equations:
            self.equations.setdefault(equation.target, []).append(equation)
        self.pending: dict[tuple[str, Point], tuple[Equation, Places]] = {}
        self.names: set[str] = set()

    def run(self, order: list[str], result: str) -> Term:
        """The term of a scalar tensor. `order` lists the calculated tensors, each after those it reads."""
        for name in order:
            self.collect(name)
        try:
            for name in order:
                self.calculate(name)
        except RecursionError as error:
            raise too_large() from error
        return self.elements[result, ()]

    # --- tensors ---

    def collect(self, name: str) -> None:
        """Note which equation gives which element, so that a recurrence can ask for any of them."""
        for equation in self.equations[name]:
            if not equation.scatter:
                for places in self.points(equation.indices, {}):
                    self.pending[name, self.place(equation.places, places)] = equation, places

    def calculate(self, name: str) -> None:
        for point in [point for tensor, point in self.pending if tensor == name]:
            self.element(name, point)
        for equation in self.equations[name]:
            if equation.scatter:
                self.scatter(equation)
        for (tensor, point), term in self.elements.items():
            if tensor == name:
                self.elements[tensor, point] = self.claimed(term, element_name(tensor, point))

    def scatter(self, equation: Equation) -> None:
        for places in self.points(equation.indices, {}):
            where = equation.target, self.place(equation.places, places)
            self.elements[where] = self.operation("add", self.elements.get(where, 0), self.term(equation.value, places))

    def element(self, tensor: str, point: Point) -> Term:
        """One element of a tensor; of a recurrence it may be asked for before its turn."""
        where = tensor, point
        if where in self.elements:
            return self.elements[where]
        if where in self.pending:
            equation, places = self.pending.pop(where)
            self.elements[where] = self.term(equation.value, places)
            return self.elements[where]
        if tensor not in self.values:
            raise UsageError(f"{element_name(tensor, point)} has no value")
        value = self.values[tensor][point].item()
        real = not self.network.tensors[tensor].integer
        self.elements[where] = self.new("", (), value, element_name(tensor, point)) if real else value
        return self.elements[where]

    def claimed(self, term: Term, name: str) -> Term:
        """The term under the name of a tensor's element; one that has a name already is copied."""
        if not isinstance(term, Scalar) or term.name == name:
            return term
        if not term.name:
            term.name = name
            return term
        return self.new("copy", (term,), term.value, name)

    def new(self, op: str, args: tuple[Term, ...], value: float, name: str = "") -> Scalar:
        if len(self.scalars) >= MOST_NODES:
            raise too_large()
        scalar = Scalar(op, args, value, name)
        self.scalars.append(scalar)
        return scalar

    # --- boxes and places ---

    def points(self, box: tuple[tuple[str, Extent], ...], places: Places) -> Iterator[Places]:
        ranges = [range(extent.value(self.sizes)) for _, extent in box]
        self.spend(prod(map(len, ranges)))
        for point in product(*ranges):
            yield places | {name: k for (name, _), k in zip(box, point, strict=True)}

    def place(self, expressions: tuple[Expr, ...], places: Places) -> Point:
        return tuple(whole(self.term(e, places)) for e in expressions)

    def spend(self, amount: int = 1) -> None:
        self.work += amount
        if self.work > MOST_WORK:
            raise too_large()

    # --- formulas ---

    def term(self, e: Expr, places: Places) -> Term:
        """The term that a formula stands for at a point."""
        return _ROWS[type(e)](self, e, places)

    def number(self, e: Num, places: Places) -> Term:
        if e.value.denominator == 1 and not e.real:
            return e.value.numerator
        return e.value

    def read(self, e: Ref, places: Places) -> Term:
        point = self.place(e.indices, places)
        extents = self.network.tensors[e.tensor].extents
        outside = any(not 0 <= k < extent.value(self.sizes) for k, extent in zip(point, extents, strict=True))
        if not outside:
            return self.element(e.tensor, point)
        if e.default is None:
            raise UsageError(f"{element_name(e.tensor, point)} is out of range", e.place)
        return self.term(e.default, places)

    def apply(self, e: Op, places: Places) -> Term:
        if e.name == "where":
            chosen = 1 if value(self.term(e.args[0], places)) else 2
            return self.term(e.args[chosen], places)
        arguments = [self.term(a, places) for a in e.args]
        if e.name == "stop":
            return value(arguments[0])
        return self.operation(e.name, *arguments)

    def operation(self, name: str, *arguments: Term) -> Term:
        """An operation: a new scalar, the one that it was already, or a plain number."""
        self.spend()
        if (name, *arguments[:1]) == ("add", 0):
            return arguments[1]
        result: Number = value_of(name, tuple(map(value, arguments)))
        if name in CONDITIONS or not any(isinstance(a, Scalar) for a in arguments):
            return result
        key = (name, *(id(a) if isinstance(a, Scalar) else (type(a), a) for a in arguments))
        if key not in self.known:
            self.known[key] = self.new(name, arguments, float(result))
        return self.known[key]

    def reduce(self, e: Reduce, places: Places) -> Term:
        inside = [p for p in self.points(e.binders, places) if e.condition is None or value(self.term(e.condition, p))]
        terms = [self.term(e.body, p) for p in inside]
        if e.op in ("argmax", "argmin"):
            return self.position(e, inside, terms)
        operation, start = FOLDS[e.op]
        total: Term = terms[0] if terms else start
        for term in terms[1:]:
            total = self.operation(operation, total, term)
        return self.operation("div", total, len(terms)) if e.op == "mean" and terms else total

    def position(self, e: Reduce, inside: list[Places], terms: list[Term]) -> int:
        """The joined position of the first greatest or least value."""
        if not terms:
            return 0
        numbers = [value(term) for term in terms]
        best = inside[numbers.index(max(numbers) if e.op == "argmax" else min(numbers))]
        joined = 0
        for name, extent in e.binders:
            joined = joined * extent.value(self.sizes) + best[name]
        return joined


_ROWS: Mapping[type, Callable[[Unroller, Any, Places], Term]] = {
    Num: Unroller.number,
    Infinity: lambda self, e, places: float("inf"),
    Index: lambda self, e, places: places[e.name],
    Size: lambda self, e, places: e.extent.value(self.sizes),
    Ref: Unroller.read,
    Op: Unroller.apply,
    Reduce: Unroller.reduce,
}
CONDITIONS = frozenset(("eq", "ne", "lt", "le", "gt", "ge", "and", "or", "not"))
FOLDS: Mapping[str, tuple[str, Number]] = {
    "sum": ("add", 0),
    "mean": ("add", 0),
    "prod": ("mul", 1),
    "max": ("max2", float("-inf")),
    "min": ("min2", float("inf")),
}


def value(term: Term) -> Number:
    """The number of a term."""
    return term.value if isinstance(term, Scalar) else term


def whole(term: Term) -> int:
    """A term as an index."""
    number = value(term)
    if number != int(number):
        raise UsageError(f"{number} is no index")
    return int(number)


def element_name(tensor: str, point: Point) -> str:
    """`W[0, 1]`."""
    return f"{tensor}[{', '.join(map(str, point))}]" if point else tensor


def too_large() -> UsageError:
    """The error for a network with too many scalars."""
    return UsageError(
        f"unrolled to scalars, the network has more than {MOST_NODES:,} operations",
        hint="trace its tensors, without --scalars, or give it smaller sizes, e.g. with --set",
    )
