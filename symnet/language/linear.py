"""Index expressions as linear forms, and the range of values that they take.

linear form = c0 + c1*a1 + c2*a2 + …     a: an index, or anything that is not linear
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from symnet.language.extents import Extent
from symnet.language.network import Expr, Index, Num, Op, Reduce, Ref, Size
from symnet.language.symbols import Known
from symnet.language.values import ONE, as_extent, size

Interval = tuple[Extent, Extent]  # lowest and highest value, both inclusive

_ONE = Extent.of(1)


@dataclass(frozen=True)
class Linear:
    """A linear form: coefficients of its atoms, and what is added."""

    terms: Mapping[Expr, Extent]
    constant: Extent

    def scaled(self, factor: Extent) -> Linear:
        """The form times a number."""
        return Linear(
            {atom: c * factor for atom, c in self.terms.items() if (c * factor).terms}, self.constant * factor
        )

    def plus(self, other: Linear) -> Linear:
        """The sum of two forms."""
        terms = dict(self.terms)
        for atom, coefficient in other.terms.items():
            terms[atom] = terms.get(atom, Extent()) + coefficient
        return Linear({atom: c for atom, c in terms.items() if c.terms}, self.constant + other.constant)


def linear(expr: Expr, extents: Mapping[str, Known]) -> Linear:
    """The linear form of an index expression. `extents` are those of the indices, as far as they are known."""
    constant = as_extent(expr)
    if constant is not None:
        return Linear({}, constant)
    if not isinstance(expr, Op):
        return Linear({expr: _ONE}, Extent())
    args = expr.args
    match expr.name:
        case "add":
            return linear(args[0], extents).plus(linear(args[1], extents))
        case "sub":
            return linear(args[0], extents).plus(linear(args[1], extents).scaled(Extent.of(-1)))
        case "neg":
            return linear(args[0], extents).scaled(Extent.of(-1))
        case "mul":
            left, right = linear(args[0], extents), linear(args[1], extents)
            if not left.terms:
                return right.scaled(left.constant)
            if not right.terms:
                return left.scaled(right.constant)
        case "join":
            strides = strides_of(args, extents)
            if strides is not None:
                total = Linear({}, Extent())
                for arg, stride in zip(args, strides, strict=True):
                    total = total.plus(linear(arg, extents).scaled(stride))
                return total
    return Linear({expr: _ONE}, Extent())


def canonical(expr: Expr, extents: Mapping[str, Known]) -> Expr:
    """An affine index expression as c1*i + c2*j + c0, any other as it is."""
    if isinstance(expr, Index | Num | Size | Ref):
        return expr
    form = linear(expr, extents)
    if not all(isinstance(atom, Index) for atom in form.terms):
        return expr
    total: Expr | None = None
    constant = form.constant
    if any(_negative(c) for c in form.terms.values()) and constant.terms:  # T - 1 - t, not -t + (T - 1)
        total, constant = size(constant), Extent()
    for atom, coefficient in form.terms.items():
        total = _plus(total, atom, coefficient)
    return size(constant) if total is None else _plus(total, None, constant)


def _negative(extent: Extent) -> bool:
    return all(coefficient < 0 for _, coefficient in extent.terms)


def _plus(total: Expr | None, atom: Expr | None, coefficient: Extent) -> Expr:
    """The total plus the atom (or 1) times the coefficient."""
    if not coefficient.terms and total is not None:
        return total
    negative = _negative(coefficient)
    factor = size(-coefficient if negative else coefficient)
    term = factor if atom is None else atom if factor == ONE else Op("mul", (factor, atom))
    if total is None:
        return Op("neg", (term,)) if negative else term
    return Op("sub" if negative else "add", (total, term))


def strides_of(parts: tuple[Expr, ...], extents: Mapping[str, Known]) -> list[Extent] | None:
    """How far apart consecutive values of each joined part lie; None while an extent is not known."""
    strides = [_ONE]
    for part in reversed(parts[1:]):
        known = extents.get(part.name) if isinstance(part, Index) else None
        if known is None:
            return None
        strides.append(strides[-1] * known.extent)
    return strides[::-1]


def interval(expr: Expr, extents: Mapping[str, Known], bounds: Mapping[str, Extent]) -> Interval | None:
    """The lowest and highest value of an index expression; None where that cannot be told.

    `bounds` are those of integer inputs: their values are 0..bound-1.
    """
    form = linear(expr, extents)
    low = high = form.constant
    for atom, coefficient in form.terms.items():
        between = _atom_interval(atom, extents, bounds)
        if between is None:
            return None
        if coefficient.at_least(0):
            low, high = low + coefficient * between[0], high + coefficient * between[1]
        elif (-coefficient).at_least(0):
            low, high = low + coefficient * between[1], high + coefficient * between[0]
        else:
            return None
    return low, high


def _atom_interval(atom: Expr, extents: Mapping[str, Known], bounds: Mapping[str, Extent]) -> Interval | None:
    match atom:
        case Index():
            known = extents.get(atom.name)
            return None if known is None else (Extent(), known.extent - 1)
        case Ref(tensor=tensor, default=None) if tensor in bounds:
            return Extent(), bounds[tensor] - 1
        case Reduce(op="argmax" | "argmin"):
            known_binders = [extents.get(name) for name, _ in atom.binders]
            count = _ONE
            for binder in known_binders:
                if binder is None:
                    return None
                count = count * binder.extent
            return Extent(), count - 1
        case Op(name="eq" | "ne" | "lt" | "le" | "gt" | "ge" | "and" | "or" | "not"):
            return Extent(), _ONE
        case Op(name="floordiv" | "mod" | "mul"):
            return _nonlinear(atom, extents, bounds)
    return None


def _nonlinear(op: Op, extents: Mapping[str, Known], bounds: Mapping[str, Extent]) -> Interval | None:
    left, right = (interval(arg, extents, bounds) for arg in op.args)
    if right is None:
        return None
    if op.name == "mod":
        divisor = as_extent(op.args[1])
        return (Extent(), divisor - 1) if divisor is not None and divisor.at_least(1) else None
    if left is None:
        return None
    if op.name == "floordiv":
        number = right[0].constant
        if number is None or right[0] != right[1] or number <= 0:
            return None
        return left[0] // number, left[1] // number
    if left[0].at_least(0) and right[0].at_least(0):
        return left[0] * right[0], left[1] * right[1]
    return None
