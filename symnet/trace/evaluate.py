"""What a program means, statement by statement on whole arrays: the interpreter's numbers for larger networks.

A statement is evaluated over the box of its domain at once. Recurrences, and positions of extreme values, go to the
interpreter element by element. Sums are added in another order than there, so the last digits may differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import reduce
from operator import and_, mul
from typing import Any

import numpy as np
import sympy as sp

from symnet.errors import UsageError
from symnet.ir import functions as f
from symnet.ir.affine import Affine
from symnet.ir.arrays import bind_sizes
from symnet.ir.interpret import interpret
from symnet.ir.order import cyclic_groups
from symnet.ir.program import Access, Indirect, Place, Program, Statement, leaf_number

Array = np.ndarray[Any, Any]

_INITIAL = {"+": 0.0, "prod": 1.0, "max": -math.inf, "min": math.inf}
_UFUNCS: Mapping[str, Any] = {"+": np.add, "prod": np.multiply, "max": np.maximum, "min": np.minimum}


def evaluate(program: Program, values: Mapping[str, Any], sizes: Mapping[str, int] | None = None) -> dict[str, Array]:
    """The values of all tensors of a program, as `interpret` gives them.

    UsageError for arrays that do not fit, and for an index out of range.
    """
    given = {name: np.asarray(value) for name, value in values.items()}
    known = bind_sizes(program, given, sizes or {})
    return _Evaluation(program, given, known).run()


class _Evaluation:
    def __init__(self, program: Program, given: Mapping[str, Array], sizes: Mapping[str, int]) -> None:
        self.program = program
        self.sizes = sizes
        self.arrays: dict[str, Array] = {}
        self.started: dict[str, Array] = {}
        for name, tensor in program.tensors.items():
            kind = np.int64 if tensor.integer else np.float64
            shape = tuple(max(0, extent.value(sizes)) for extent in tensor.extents)
            empty = np.full(shape, -1 if tensor.integer else np.nan, kind)
            self.arrays[name] = given[name].astype(kind) if name in given else empty

    def run(self) -> dict[str, Array]:
        slow = self.slow_groups()
        last = {name: k for k, s in enumerate(self.program.statements) for name in slow.get(s.target.tensor, ())}
        with np.errstate(all="ignore"):
            for number, s in enumerate(self.program.statements):
                group = slow.get(s.target.tensor)
                if group is None:
                    self.apply(s)
                elif last[s.target.tensor] == number:
                    self.interpreted(group)
        return self.arrays

    # --- what the interpreter does ---

    def slow_groups(self) -> dict[str, tuple[str, ...]]:
        """Tensor to the tensors that are calculated together with it, element by element."""
        found = {name: group for group in cyclic_groups(self.program) for name in group}
        for s in self.program.statements:
            if s.op in ("argmax", "argmin") or self.program.tensors[s.target.tensor].integer:
                found.setdefault(s.target.tensor, (s.target.tensor,))
        return found

    def interpreted(self, group: tuple[str, ...]) -> None:
        statements = tuple(s for s in self.program.statements if s.target.tensor in group)
        used = dict.fromkeys((*group, *(name for s in statements for name in s.reads)))
        tensors = {name: self.program.tensors[name] for name in used}
        part = Program(tensors, statements, group, self.program.sizes)
        found = interpret(part, {name: self.arrays[name] for name in used if name not in group}, self.sizes)
        self.arrays.update({name: found[name] for name in group})

    # --- one statement ---

    def apply(self, s: Statement) -> None:
        shape = tuple(max(0, extent.value(self.sizes)) for _, extent in s.domain)
        grids = np.ogrid[tuple(slice(length) for length in shape)] if shape else []
        box = _Box(self, s, {name: grid for (name, _), grid in zip(s.domain, grids, strict=True)}, shape)
        array = self.arrays[s.target.tensor]
        done = self.start(s, array)
        if not all(shape):
            return
        inside = box.inside()
        value = np.broadcast_to(np.asarray(box.body(s.body), array.dtype), shape)
        if inside is None and s.op == "+" and s.target.plain is not None and array.ndim == len(s.free):
            order = [s.free.index(name) for name in s.target.plain]
            total = value.sum(axis=tuple(k for k, (name, _) in enumerate(s.domain) if name in s.reduced))
            total = total.transpose(order)
            if total.shape == array.shape:
                array += total
                return
        where, reached = box.locate(s.target, inside)
        places = tuple(np.broadcast_to(place, shape) for place in where)
        chosen = ... if reached is None else np.broadcast_to(reached, shape)
        at = tuple(np.ravel(place[chosen]) for place in places)
        flat = np.ravel(value[chosen])
        if s.op in _UFUNCS:
            _UFUNCS[s.op].at(array, at, flat) if at else self.fold(array, s.op, flat)
        else:
            array[at] = flat if at else flat[-1]
            done[at] = True

    def fold(self, array: Array, op: str, values: Array) -> None:
        array[()] = _UFUNCS[op].reduce(values, initial=array[()])

    def start(self, s: Statement, array: Array) -> Array:
        """Give what has no value yet the one that the reduction starts from; which elements have one now."""
        done = self.started.setdefault(s.target.tensor, np.zeros(array.shape, bool))
        if s.op in _INITIAL:
            array[~done] = _INITIAL[s.op]
            done[...] = True
        return done


class _Box:
    """The expressions of a statement over the box of its domain."""

    def __init__(self, run: _Evaluation, s: Statement, grids: Mapping[str, Array], shape: tuple[int, ...]) -> None:
        self.run, self.statement, self.grids, self.shape = run, s, grids, shape
        self.known: dict[sp.Expr, Any] = {}
        self.mask: Any = None
        self.lazy = s.body.has(f.where)  # what a branch reads counts only where it is chosen

    def inside(self) -> Any:
        """Where all guards hold; None where there are none."""
        guards = [self.affine(guard) >= 0 for guard in self.statement.guards]
        self.mask = reduce(and_, guards) if guards else None
        return self.mask

    def affine(self, affine: Affine) -> Any:
        total: Any = affine.constant.value(self.run.sizes)
        for name, coefficient in affine.terms:
            total = total + coefficient.value(self.run.sizes) * self.grids[name]
        return total

    def place(self, place: Place) -> Any:
        return self.read(Access(place.tensor, place.indices)) if isinstance(place, Indirect) else self.affine(place)

    def locate(self, access: Access, mask: Any) -> tuple[list[Any], Any]:
        """(places, where they are reached): within the tensor, and where the mask holds."""
        places = []
        for number, (place, length) in enumerate(
            zip(map(self.place, access.places), self.run.arrays[access.tensor].shape, strict=True)
        ):
            good = (place >= 0) & (place < length)
            if access.default is not None:
                mask = good if mask is None else mask & good
            elif not self.lazy and not np.all(good if mask is None else good | ~mask):
                raise UsageError(f"{access}: index {number + 1} is out of 0..{length - 1}")
            places.append(np.clip(place, 0, max(0, length - 1)))
        return places, mask

    def read(self, access: Access) -> Any:
        array = self.run.arrays[access.tensor]
        places, reached = self.locate(access, None if access.default is not None else self.mask)
        if not array.size:
            return np.asarray(float(access.default or 0))
        found = array[tuple(places)] if places else array[()]
        if access.default is None or reached is None:
            return found
        return np.where(reached, found, float(access.default))

    def body(self, node: sp.Expr) -> Any:
        if node not in self.known:
            self.known[node] = self.value(node)
        return self.known[node]

    def value(self, node: sp.Expr) -> Any:
        if not node.args:
            return self.atom(node)
        if isinstance(node, sp.Mul):
            return self.quotient(node)
        if isinstance(node, sp.Pow):
            return self.power(node)
        arguments = [self.body(argument) for argument in node.args]
        if isinstance(node, sp.Add):
            return sum(arguments[1:], arguments[0])
        return _FUNCTIONS[type(node)](*arguments)

    def atom(self, node: sp.Expr) -> Any:
        if node in _CONSTANTS:
            return _CONSTANTS[node]
        if isinstance(node, sp.Rational):
            return int(node.p) if node.q == 1 else int(node.p) / int(node.q)
        number = leaf_number(node)
        if number is not None:
            return self.read(self.statement.leaves[number])
        return self.grids[node.name] if node.name in self.grids else self.run.sizes[node.name]

    def power(self, node: sp.Pow) -> Any:
        if node.exp.is_negative:
            return np.divide(1.0, self.body(sp.Pow(node.base, -node.exp)))
        if isinstance(node.exp, sp.Integer) and 0 < node.exp <= 4:
            return reduce(mul, [self.body(node.base)] * int(node.exp))
        return np.power(np.asarray(self.body(node.base), float), self.body(node.exp))

    def quotient(self, node: sp.Mul) -> Any:
        below = [a for a in node.args if isinstance(a, sp.Pow) and a.exp.is_negative]
        above = reduce(mul, [self.body(a) for a in node.args if a not in below], 1)
        if not below:
            return above
        return np.divide(above, reduce(mul, [self.body(sp.Pow(a.base, -a.exp)) for a in below]))


def _number(condition: Any) -> Any:
    return np.asarray(condition).astype(np.int64)


def _sigmoid(x: Any) -> Any:
    small = np.exp(-np.abs(x))
    return np.where(np.asarray(x) >= 0, 1, small) / (1 + small)


def _floordiv(a: Any, b: Any) -> Any:
    whole = all(np.asarray(v).dtype.kind in "iu" for v in (a, b)) and np.all(b)
    return np.floor_divide(a, b) if whole else np.floor(np.divide(a, b))


def _floor(x: Any) -> Any:
    return x if np.asarray(x).dtype.kind in "iu" else np.floor(x)


_CONSTANTS: Mapping[sp.Expr, float] = {sp.pi: math.pi, sp.E: math.e, f.INFINITY: math.inf}
_FUNCTIONS: Mapping[type, Callable[..., Any]] = {
    f.where: lambda test, yes, no: np.where(np.asarray(test) != 0, yes, no),
    f.eq: lambda a, b: _number(np.equal(a, b)),
    f.ne: lambda a, b: _number(np.not_equal(a, b)),
    f.lt: lambda a, b: _number(np.less(a, b)),
    f.le: lambda a, b: _number(np.less_equal(a, b)),
    f.both: lambda a, b: _number((np.asarray(a) != 0) & (np.asarray(b) != 0)),
    f.either: lambda a, b: _number((np.asarray(a) != 0) | (np.asarray(b) != 0)),
    f.negation: lambda a: _number(np.equal(a, 0)),
    f.max2: lambda a, b: np.where((np.asarray(a) >= b) | (np.asarray(a) != a), a, b),
    f.min2: lambda a, b: np.where((np.asarray(a) <= b) | (np.asarray(a) != a), a, b),
    f.sign: np.sign,
    f.step: lambda x: _number(np.greater(x, 0)),
    f.absolute: np.abs,
    f.stop: lambda x: x,
    f.power: lambda a, b: np.power(np.asarray(a, float), b),
    f.floordiv: _floordiv,
    f.mod: lambda a, b: a - b * _floordiv(a, b),
    f.floor: _floor,
    f.sigmoid: _sigmoid,
    f.softplus: lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))),
    f.log1p: np.log1p,
    f.expm1: np.expm1,
    sp.exp: np.exp,
    sp.log: np.log,
    sp.sin: np.sin,
    sp.cos: np.cos,
    sp.tan: np.tan,
    sp.sinh: np.sinh,
    sp.cosh: np.cosh,
    sp.tanh: np.tanh,
    sp.atan: np.arctan,
    sp.erf: np.vectorize(math.erf, otypes=[float]),
}
