"""What a program means, slowly and obviously: Python loops over the domain of every statement.

Every pass and every backend must agree with this file. It knows nothing of views, kernels or buffers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import product
from operator import add, mul
from typing import Any

import numpy as np
import sympy as sp

from symnet.errors import UsageError
from symnet.ir.affine import Affine
from symnet.ir.arithmetic import DIGITS50, FLOAT, Arithmetic, Number
from symnet.ir.arrays import Array, Point, bind_sizes, finished, tensor_array
from symnet.ir.functions import max2, min2, where
from symnet.ir.order import cyclic_groups
from symnet.ir.program import Access, Indirect, Place, Program, Statement, leaf_number
from symnet.ir.verify import MalformedProgram

__all__ = ["DIGITS50", "FLOAT", "interpret"]

Element = tuple[str, Point]


def interpret(
    program: Program,
    values: Mapping[str, Any],
    sizes: Mapping[str, int] | None = None,
    *,
    arithmetic: Arithmetic = FLOAT,
) -> dict[str, Array]:
    """The values of all tensors of a program.

    `values` holds an array for each tensor that no statement writes and that is read. A size is taken from the arrays
    where it is a dimension by itself; the others are given in `sizes`. The result holds float64 and int64 arrays, or
    arrays of mpmath numbers with `arithmetic=DIGITS50`. An element that nothing writes is NaN.

    Raises UsageError for arrays that do not fit, and for an index out of range.
    """
    given = {name: np.asarray(value) for name, value in values.items()}
    known = bind_sizes(program, given, sizes or {})
    arrays = {name: tensor_array(tensor, given, known, arithmetic) for name, tensor in program.tensors.items()}
    with np.errstate(all="ignore"):
        _run(program, arrays, known, arithmetic)
    return {name: finished(arrays[name], tensor, arithmetic) for name, tensor in program.tensors.items()}


def _run(program: Program, arrays: dict[str, Array], sizes: Mapping[str, int], arithmetic: Arithmetic) -> None:
    """Statement by statement; a recurrence as a whole, in the place of its last statement."""
    groups = cyclic_groups(program)
    group_of = {name: group for group in groups for name in group}
    last = {group_of.get(s.target.tensor): number for number, s in enumerate(program.statements)}
    for number, s in enumerate(program.statements):
        group = group_of.get(s.target.tensor)
        if group is None:
            step = _Step.of(s, program, arrays, sizes, arithmetic)
            step.start()
            step.apply(step.points())
        elif last[group] == number:
            inside = [s for s in program.statements if s.target.tensor in group]
            _recur([_Step.of(s, program, arrays, sizes, arithmetic) for s in inside], group)


# --- one statement ---------------------------------------------------------------------------------

# The value that a reduction starts from; an argmax over nothing is 0.
_INITIAL = {"+": 0, "prod": 1, "max": float("-inf"), "min": float("inf"), "argmax": 0, "argmin": 0}
_LEAST, _GREATEST = np.iinfo(np.int64).min, np.iinfo(np.int64).max


@dataclass(frozen=True)
class _Step:
    """A statement as functions of a point of its domain."""

    statement: Statement
    array: Array
    initial: Number
    combine: Callable[[Number, Number], Number]
    ranges: tuple[range, ...]
    guards: tuple[Callable[[Point], int], ...]
    place: Callable[[Point], Point | None]
    value: Callable[[Point], Number]
    leaves: tuple[Callable[[Point], Point | None], ...]

    @staticmethod
    def of(
        s: Statement, program: Program, arrays: Mapping[str, Array], sizes: Mapping[str, int], arithmetic: Arithmetic
    ) -> _Step:
        order = {name: number for number, (name, _) in enumerate(s.domain)}
        scope = _Scope(s, order, arrays, sizes, arithmetic)
        integer = program.tensors[s.target.tensor].integer
        body = scope.body(s.body)
        exact = integer and s.op not in ("argmax", "argmin")
        return _Step(
            statement=s,
            array=arrays[s.target.tensor],
            initial=_initial(s.op, integer, arithmetic),
            combine=_combine(s.op, arithmetic),
            ranges=tuple(range(extent.value(sizes)) for _, extent in s.domain),
            guards=tuple(scope.affine(guard) for guard in s.guards),
            place=scope.access(s.target),
            value=(lambda point: _integer(body(point), s)) if exact else (lambda point: arithmetic.number(body(point))),
            leaves=tuple(scope.access(access) for access in s.leaves),
        )

    def points(self) -> Iterator[Point]:
        """The points of the domain, in row-major order."""
        return (p for p in product(*self.ranges) if all(guard(p) >= 0 for guard in self.guards))

    def start(self) -> None:
        """Give every element that has no value yet the value that the reduction starts from."""
        if self.initial is None:
            return
        for place in np.ndindex(self.array.shape):
            if self.array[place] is None:
                self.array[place] = self.initial

    def apply(self, points: Iterable[Point]) -> None:
        """Let these points take part."""
        op = self.statement.op
        if op in ("argmax", "argmin"):
            self._extreme(points, 1 if op == "argmax" else -1)
            return
        for point in points:
            place = self.place(point)
            if place is not None:
                self.array[place] = self.combine(self.array[place], self.value(point))

    def _extreme(self, points: Iterable[Point], direction: int) -> None:
        """The joined position of the first greatest value; a NaN counts as the greatest, as NumPy has it."""
        reduced = [k for k, (name, _) in enumerate(self.statement.domain) if name in self.statement.reduced]
        best: dict[Point, Number] = {}
        for point in points:
            place = self.place(point)
            if place is None:
                continue
            value = direction * self.value(point)
            if place in best and not (value > best[place] or (value != value and best[place] == best[place])):
                continue
            best[place] = value
            self.array[place] = reduce(lambda joined, k: joined * len(self.ranges[k]) + point[k], reduced, 0)


def _initial(op: str, integer: bool, arithmetic: Arithmetic) -> Number:
    """The value of an element in which no point takes part; None for `=`, which leaves it without one."""
    if op == "=":
        return None
    value = _INITIAL[op]
    if not integer:
        return arithmetic.number(value)
    return {float("-inf"): _LEAST, float("inf"): _GREATEST}.get(value, value)


def _combine(op: str, arithmetic: Arithmetic) -> Callable[[Number, Number], Number]:
    """How an element takes in another value."""
    rows: dict[str, Callable[[Number, Number], Number]] = {
        "+": add,
        "prod": mul,
        "max": arithmetic.functions[max2],
        "min": arithmetic.functions[min2],
    }
    return rows.get(op, lambda old, new: new)


def _integer(value: Number, s: Statement) -> int:
    if value != value or value in (float("inf"), float("-inf")):
        raise UsageError(f"{s.target.tensor!r} holds integers, but its value would be {value}")
    return int(value)


# --- expressions -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Scope:
    """Compiles the expressions of one statement to functions of a point of its domain."""

    statement: Statement
    order: Mapping[str, int]
    arrays: Mapping[str, Array]
    sizes: Mapping[str, int]
    arithmetic: Arithmetic

    def place(self, place: Place) -> Callable[[Point], int]:
        """The number that an index expression stands for."""
        if isinstance(place, Indirect):
            return self.read(Access(place.tensor, place.indices))
        return self.affine(place)

    def affine(self, affine: Affine) -> Callable[[Point], int]:
        constant = affine.constant.value(self.sizes)
        terms = [(self.order[name], c.value(self.sizes)) for name, c in affine.terms]
        if len(terms) == 1 and terms[0][1] == 1 and constant == 0:
            position = terms[0][0]
            return lambda point: point[position]
        return lambda point: constant + sum(c * point[k] for k, c in terms)

    def access(self, access: Access) -> Callable[[Point], Point | None]:
        """The place of an access in its tensor; None outside of the range where the access has a default."""
        places = [self.place(place) for place in access.places]
        shape = self.arrays[access.tensor].shape

        def locate(point: Point) -> Point | None:
            found = tuple(place(point) for place in places)
            for number, (index, length) in enumerate(zip(found, shape, strict=True)):
                if 0 <= index < length:
                    continue
                if access.default is not None:
                    return None
                raise UsageError(f"{access}: index {number + 1} is {index}, but has to be in 0..{length - 1}")
            return found

        return locate

    def read(self, access: Access) -> Callable[[Point], Number]:
        """The value of an access."""
        locate, array = self.access(access), self.arrays[access.tensor]
        default = None if access.default is None else self.arithmetic.number(access.default)

        def value(point: Point) -> Number:
            place = locate(point)
            if place is None:
                return default
            found = array[place]
            if found is None:
                at = f"{access.tensor}[{', '.join(map(str, place))}]"
                raise MalformedProgram(f"{self.statement.target} reads {at}, which has no value yet")
            return found

        return value

    def body(self, node: sp.Expr) -> Callable[[Point], Number]:
        """The value of a body. `where` evaluates only the branch that it chooses."""
        if not node.args:
            return self.atom(node)
        if isinstance(node, sp.Mul):
            return self.quotient(node)
        if isinstance(node, where):
            condition, yes, no = map(self.body, node.args)
            return lambda point: yes(point) if condition(point) != 0 else no(point)
        arguments = [self.body(argument) for argument in node.args]
        if isinstance(node, sp.Add):
            return lambda point: reduce(add, [argument(point) for argument in arguments])
        if isinstance(node, sp.Pow):
            return self.power(node)
        function = self.arithmetic.functions[type(node)]
        return lambda point: function(*[argument(point) for argument in arguments])

    def atom(self, node: sp.Expr) -> Callable[[Point], Number]:
        if node in self.arithmetic.constants:
            return _always(self.arithmetic.constants[node])
        if isinstance(node, sp.Integer):
            return _always(int(node))
        if isinstance(node, sp.Rational):
            return _always(self.arithmetic.divide(int(node.p), int(node.q)))
        number = leaf_number(node)
        if number is not None:
            return self.read(self.statement.leaves[number])
        if node.name in self.order:
            position = self.order[node.name]
            return lambda point: point[position]
        return _always(self.sizes[node.name])

    def power(self, node: sp.Pow) -> Callable[[Point], Number]:
        base, exponent = self.body(node.base), self.body(node.exp)
        if node.exp == -1:
            return lambda point: self.arithmetic.divide(1, base(point))
        if isinstance(node.exp, sp.Integer) and 0 < node.exp <= 4:
            count = int(node.exp)
            return lambda point: reduce(mul, [base(point)] * count)
        if node.exp.is_negative:
            inverse = self.body(sp.Pow(node.base, -node.exp))
            return lambda point: self.arithmetic.divide(1, inverse(point))
        return lambda point: self.arithmetic.power(base(point), exponent(point))

    def quotient(self, node: sp.Mul) -> Callable[[Point], Number]:
        """A product as one numerator over one denominator, as it would be written."""
        below = [a for a in node.args if isinstance(a, sp.Pow) and a.exp.is_negative]
        above = [self.body(a) for a in node.args if a not in below]
        under = [self.body(sp.Pow(a.base, -a.exp)) for a in below]
        if not under:
            return lambda point: reduce(mul, [factor(point) for factor in above])
        return lambda point: self.arithmetic.divide(
            reduce(mul, [factor(point) for factor in above], 1), reduce(mul, [factor(point) for factor in under])
        )


def _always(value: Number) -> Callable[[Point], Number]:
    return lambda point: value


# --- recurrences -----------------------------------------------------------------------------------


def _recur(steps: list[_Step], group: tuple[str, ...]) -> None:
    """Tensors that depend on each other, element by element: first what an element reads, then the element."""
    hits: dict[Element, list[tuple[_Step, Point]]] = {}
    for step in steps:
        step.start()
        for point in step.points():
            place = step.place(point)
            if place is not None:
                hits.setdefault((step.statement.target.tensor, place), []).append((step, point))
    done: set[Element] = set()
    for element in hits:
        stack, entered = [element], set[Element]()
        while stack:
            current = stack[-1]
            needs = () if current in done else _needs(hits[current], group)
            missing = [e for e in needs if e not in done and e in hits]
            if current in entered and missing:
                raise MalformedProgram(f"{current[0]}{list(current[1])} depends on itself")
            if missing:
                entered.add(current)
                stack += missing
                continue
            stack.pop()
            if current not in done:
                _complete(hits[current])
                done.add(current)


def _needs(hits: list[tuple[_Step, Point]], group: tuple[str, ...]) -> Iterator[Element]:
    """The elements of the group's tensors that one element reads."""
    for step, point in hits:
        for access, locate in zip(step.statement.leaves, step.leaves, strict=True):
            place = locate(point) if access.tensor in group else None
            if place is not None:
                yield access.tensor, place


def _complete(hits: list[tuple[_Step, Point]]) -> None:
    """All points of one element, statement by statement."""
    for step in dict.fromkeys(id(step) for step, _ in hits):
        chosen = next(s for s, _ in hits if id(s) == step)
        chosen.apply(point for s, point in hits if s is chosen)
