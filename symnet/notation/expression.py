"""A tensor of a program as one SymPy expression over indexed tensors, for people to read.

    dz[n, c] += p[n, c]/N  and  dz[n, y[n]] += -1/N     become     dz[n, c] = (p[n, c] - δ(c, y[n]))/N

The contributions of all statements are added up. The target of each is made plain: an index that can be solved for is
replaced, what remains becomes a Kronecker delta. Guards become conditions. No value depends on this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from itertools import count
from math import isinf

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.functions import INFINITY, both, floordiv, le, lt, mod, stop, where
from symnet.ir.program import (
    Access,
    Indirect,
    Place,
    Program,
    Statement,
    Tensor,
    always,
    in_range,
    index_expression,
    index_symbol,
    leaf,
    size_expression,
)
from symnet.language.extents import Extent
from symnet.notation.conditions import settled
from symnet.notation.tidy import tidy

__all__ = ["Extreme", "padded", "tensor_expression", "tensor_name", "tensor_symbol"]


class padded(sp.Function):  # type: ignore[misc]
    """An access, and the value that it has outside of the tensor's range."""

    nargs = 2
    is_real = True


class Extreme(sp.Expr):  # type: ignore[misc]
    """`Extreme(Symbol("max"), body, (k, 0, K - 1), ...)`: max, min, argmax or argmin over indices."""

    is_real = True
    is_commutative = True

    @property
    def limits(self) -> tuple[sp.Tuple, ...]:
        """(index, first, last) of every bound index."""
        return tuple(self.args[2:])


# What a point that a guard excludes contributes.
_NEUTRAL: Mapping[str, sp.Expr] = {
    "=": sp.S.Zero, "+": sp.S.Zero, "prod": sp.S.One,
    "max": -INFINITY, "argmax": -INFINITY, "min": INFINITY, "argmin": INFINITY,
}  # fmt: skip


def tensor_symbol(tensor: Tensor, places: tuple[sp.Expr, ...]) -> sp.Expr:
    """`T[i, j]` as a SymPy expression that knows the tensor's shape; a tensor without dimensions is a symbol."""
    kind = {"integer": True} if tensor.integer else {"real": True}
    if not places:
        return sp.Symbol(tensor.name, **kind)
    return sp.Indexed(sp.IndexedBase(tensor.name, shape=tuple(map(size_expression, tensor.extents)), **kind), *places)


def tensor_name(access: sp.Expr) -> str:
    """The tensor that an Indexed or a Symbol stands for."""
    return str(access.base.label.name if isinstance(access, sp.Indexed) else access.name)


def tensor_expression(program: Program, name: str, names: tuple[str, ...]) -> sp.Expr:
    """The formula of `name[names]`, all statements that write the tensor taken together."""
    tensor = program.tensors[name]
    total: sp.Expr = sp.S.Zero
    for s in program.writers[name]:
        condition, term = _Solver(program.tensors, tensor, names, s).run()
        if s.op == "=" and condition != 1:
            total = where(condition, term, total)
            continue
        total = total + (term if condition == 1 else where(condition, term, _NEUTRAL[s.op]))
    return tidy(total)


@dataclass
class _Solver:
    """One statement, its target made plain.

    `affine` and `joined` say what the statement's indices are in terms of the target's and of the bound ones.
    """

    tensors: Mapping[str, Tensor]
    tensor: Tensor
    names: tuple[str, ...]
    statement: Statement
    bound: dict[str, Extent] = field(default_factory=dict)
    affine: dict[str, Affine] = field(default_factory=dict)
    joined: dict[sp.Symbol, sp.Expr] = field(default_factory=dict)
    guards: list[Affine] = field(default_factory=list)
    deltas: list[tuple[str, Place]] = field(default_factory=list)
    implied: list[Affine] = field(default_factory=list)  # guards that a delta says too

    def run(self) -> tuple[sp.Expr, sp.Expr]:
        """(the condition on the target's indices, the term)"""
        s = self.statement
        self._rename_apart()
        pending = self._plain_places()
        for k in pending:
            self._solve(k)
        body = s.body.xreplace({leaf(k): self._access(a) for k, a in enumerate(s.leaves)} | self._indices())
        body = settled(body.replace(stop, lambda x: x))
        for name, place in self.deltas:
            body = body * sp.KroneckerDelta(index_symbol(name), self._place(place))
        return self._reduced(body)

    # --- the target ---

    def _rename_apart(self) -> None:
        """Bound indices that are called like an index of the result get another name."""
        s = self.statement
        taken = {*self.names, *s.extents, *self.tensors, *(size for _, e in s.domain for size in e.sizes)}
        for name, extent in s.domain:
            fresh = name
            if name in self.names:
                fresh = next(f"{name}{k}" for k in count(2) if f"{name}{k}" not in taken)
                taken.add(fresh)
            self.affine[name] = Affine.index(fresh)
            self.bound[fresh] = extent

    def _plain_places(self) -> list[int]:
        """Solve the places that are a single index; the others are left over."""
        pending = []
        for k, place in enumerate(self.statement.target.places):
            solved = isinstance(place, Affine) and self._single(k, place)
            if not solved:
                pending.append(k)
        return pending

    def _single(self, k: int, place: Affine) -> bool:
        index = place.substitute(self.affine).plain
        if index not in self.bound:
            return False
        self._replace(index, Affine.index(self.names[k]), self.tensor.extents[k])
        return True

    def _solve(self, k: int) -> None:
        given = self.statement.target.places[k]
        if isinstance(given, Indirect):
            self.deltas.append((self.names[k], given))
            return
        place = given.substitute(self.affine)
        if self._split(k, place):
            return
        index = next((n for n in place.indices if n in self.bound), None)
        if index is None or any(c.constant not in (1, -1) for _, c in place.terms):
            self.deltas.append((self.names[k], given))
            self.implied += in_range(given, self.tensor.extents[k])
            return
        sign = place.coefficient(index).constant or 1
        rest = place - Affine.index(index) * sign
        self._replace(index, (Affine.index(self.names[k]) - rest) * sign, None)

    def _split(self, k: int, place: Affine) -> bool:
        """h*K + k over all of a dimension: h = u//K, k = u % K."""
        steps: list[tuple[str, Extent]] = []
        left, covered = dict(place.terms), Extent.of(1)
        while left:
            name = next((n for n, c in left.items() if c == covered and n in self.bound), None)
            if name is None:
                return False
            steps.append((name, covered))
            covered = covered * self.bound[name]
            del left[name]
        if len(steps) < 2 or place.constant.terms or covered != self.tensor.extents[k]:
            return False
        u = index_symbol(self.names[k])
        for number, (name, below) in enumerate(steps):
            value = u if below.constant == 1 else floordiv(u, size_expression(below))
            if self.bound[name].constant == 1:
                value = sp.S.Zero
            elif number < len(steps) - 1 and covered != below * self.bound[name]:
                value = mod(value, size_expression(self.bound[name]))
            self.joined[index_symbol(name)] = value
            del self.bound[name]
        return True

    def _replace(self, index: str, value: Affine, extent: Extent | None) -> None:
        """Put a value in the place of a bound index; where it leaves the index's range there is nothing."""
        old = self.bound.pop(index)
        self.affine = {name: a.substitute({index: value}) for name, a in self.affine.items()}
        self.guards = [guard.substitute({index: value}) for guard in self.guards]
        if extent != old:
            self.guards += in_range(value, old)

    # --- the rest ---

    def _indices(self) -> dict[sp.Symbol, sp.Expr]:
        return {index_symbol(n): self._expression(a) for n, a in self.affine.items()}

    def _expression(self, affine: Affine) -> sp.Expr:
        return rejoined(index_expression(affine).xreplace(self.joined))

    def _place(self, place: Place) -> sp.Expr:
        if isinstance(place, Affine):
            return self._expression(place.substitute(self.affine))
        inner = tuple(self._place(p) for p in place.indices)
        return tensor_symbol(self.tensors[place.tensor], inner)

    def _access(self, access: Access) -> sp.Expr:
        symbol = tensor_symbol(self.tensors[access.tensor], tuple(map(self._place, access.places)))
        return symbol if access.default is None else padded(symbol, _number(access.default))

    def _reduced(self, body: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
        op = self.statement.op
        extents = dict(zip(self.names, self.tensor.extents, strict=True)) | self.bound
        given = [guard for guard in self.statement.guards if guard not in self.implied]
        guards = [guard.substitute(self.affine) for guard in given] + self.guards
        guards = [g for g in guards if set(g.indices) - set(extents) or not always(g, extents)]
        inner = [g for g in guards if set(g.indices) & set(self.bound)]
        outer = _conjunction([self._condition(g) for g in guards if g not in inner])
        if not self.bound:
            return outer, body
        if inner:
            body = where(_conjunction([self._condition(g) for g in inner]), body, _NEUTRAL[op])
        limits = [(index_symbol(n), 0, size_expression(e - 1)) for n, e in self.bound.items()]
        if op in ("+", "="):
            return outer, sp.Sum(body, *limits)
        if op == "prod":
            return outer, sp.Product(body, *limits)
        return outer, Extreme(sp.Symbol(op), body, *(sp.Tuple(*limit) for limit in limits))

    def _condition(self, guard: Affine) -> sp.Expr:
        """affine >= 0 as a comparison, the indices with a plus on the left, those with a minus on the right."""
        left = Affine(tuple((n, c) for n, c in guard.terms if c.at_least(0)))
        right = Affine(tuple((n, -c) for n, c in guard.terms if not c.at_least(0)))
        rest = guard.constant
        if not left.terms:
            return lt(self._expression(right), size_expression(rest + 1))
        if not right.terms:
            return le(size_expression(-rest), self._expression(left))
        if rest.constant == -1:
            return lt(self._expression(right), self._expression(left))
        if (-rest).at_least(0):
            return le(self._expression(right - rest), self._expression(left))
        return le(self._expression(right), self._expression(left + rest))


def _number(value: Fraction | float) -> sp.Expr:
    """A default as an expression; the infinities are those of the language."""
    return INFINITY * (1 if value > 0 else -1) if isinf(value) else sp.sympify(value)


def rejoined(e: sp.Expr) -> sp.Expr:
    """An index that was split and is put together again: K*(i//K) + i % K is i."""
    for low in e.atoms(mod) if isinstance(e, sp.Add) else ():
        whole, size = low.args
        high = next((t for t in e.args if t == size * floordiv(whole, size)), None)
        if high is not None and low in e.args:
            return rejoined(e - high - low + whole)
    return e


def _conjunction(conditions: list[sp.Expr]) -> sp.Expr:
    return reduce(both, dict.fromkeys(conditions), sp.S.One)
