"""Where a statement's values go: a view of its tensor, written the first time and combined from then on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from symnet.backends.numpy.broadcast import widened
from symnet.backends.numpy.domain import Task
from symnet.backends.numpy.passing import count_call
from symnet.backends.numpy.reduction import COMBINE
from symnet.backends.numpy.scope import Array, Box, Scalar, Scope
from symnet.backends.numpy.views import Dimension, affine_view, stays_inside, whole_array
from symnet.ir.affine import Affine
from symnet.ir.program import Access
from symnet.language.extents import Extent

DOT = re.compile(r"\b\w+\.dot\(\w+\)")
NUMBERS_ONLY = re.compile(r"(?:[ +*-]|\b[0-9.]+(?:e-?[0-9]+)?\b|\(-?[0-9]+ / \w+\))*")


@dataclass(frozen=True, slots=True)
class Target:
    """The part of a tensor that a statement writes.

    name     the tensor's Python name
    array    the view of it, None for a tensor without dimensions
    combine  the ufunc that takes a value in; empty where the value is simply stored
    where    a mask outside of which nothing is stored
    """

    name: str
    kind: str
    array: Array | None
    combine: str = ""
    where: Array | None = None

    def place(self, axes: tuple[str, ...] | None = None) -> Array | None:
        """The array that a result may be written into at once; None where it has to be combined or masked."""
        if self.array is None or not self.array.axes:
            return None  # a number is assigned, not filled
        if self.combine or self.where is not None or (axes is not None and self.array.axes != axes):
            return None
        return self.array

    def deliver(self, scope: Scope, value: Array | Scalar, box: Box) -> None:
        """The lines that store or combine a value, if it is not in place yet."""
        if self.array is None or not self.array.axes:
            self._deliver_scalar(scope, value)
            return
        own = self.array.source
        if isinstance(value, Array) and value.source == own and not self.combine:
            return
        source = scope.aligned(value, self.array.axes).source if isinstance(value, Array) else value.source
        if self.combine:
            self._combine(scope, self.array, value, box)
        elif self.where is not None:
            scope.line(f"np.copyto({own}, {source}, where={scope.aligned(self.where, self.array.axes).source})")
        else:
            scope.line(f"{own}[...] = {source}")
        if isinstance(value, Array):
            scope.release(value)

    def _combine(self, scope: Scope, own: Array, value: Array | Scalar, box: Box) -> None:
        operand = widened(scope, value, own.axes, box, own)
        source = scope.aligned(operand, own.axes).source if isinstance(operand, Array) else operand.source
        if isinstance(value, Scalar) and value.constant and self.kind == "real":
            source = scope.constant(value.source)
        scope.line(f"np.{self.combine}({own.source}, {source}, out={own.source})")
        count_call(scope, [own, operand], own, box)

    def _deliver_scalar(self, scope: Scope, value: Array | Scalar) -> None:
        own = self.name if self.array is None else self.array.source
        scalar = value if isinstance(value, Scalar) else Scalar(f"{value.source}[()]", value.kind, atomic=True)
        if scalar.constant and self.kind == "real":
            scalar = Scalar(scope.constant(scalar.source), "real", constant=True, atomic=True)
        source = scalar.source
        if self.combine in ("add", "multiply"):
            source = f"{own} {'+' if self.combine == 'add' else '*'} {scalar.operand}"
        elif self.combine:
            source = f"np.{self.combine}({own}, {source})"
        elif scalar.kind != self.kind:
            source = f"dtype.type({source})" if self.kind == "real" else f"int({source})"
        if scope.often and self.kind == "real" and not scope.is_read(self.name):
            source = _as_numbers(source)
        if self.where is not None:
            scope.line(f"if {self.where.source}:")
        scope.line(f"{'    ' if self.where is not None else ''}{own} = {source}")
        if isinstance(value, Array):
            scope.release(value)


def _as_numbers(source: str) -> str:
    """A sum of numbers times dots, with Python's arithmetic: NumPy's, on its own numbers, takes four times as long."""
    rest = DOT.sub("", source)
    return DOT.sub(r"float(\g<0>)", source) if rest and NUMBERS_ONLY.fullmatch(rest) else source


def target_view(scope: Scope, access: Access, box: Box) -> Array | None:
    """The view of the tensor that an affine access writes."""
    tensor = scope.program.tensors[access.tensor]
    if not tensor.extents:
        return None
    places = [place for place in access.places if isinstance(place, Affine)]
    dimensions = [Dimension(p, e) for p, e in zip(places, tensor.extents, strict=True)]
    return affine_view(scope, whole_array(scope, access.tensor), dimensions, box)


def is_affine(access: Access) -> bool:
    """Whether no place of the access is the value of a tensor."""
    return all(isinstance(place, Affine) for place in access.places)


def is_injective(access: Access, box: Box) -> bool:
    """Whether it is proved that an affine access meets every element at most once."""
    if access.plain is not None:
        return True
    known: set[str] = set()
    while True:
        before = len(known)
        for place in access.places:
            if isinstance(place, Affine):
                rest = [(name, c) for name, c in place.terms if name not in known]
                if _is_mixed_radix(rest, box):
                    known.update(name for name, _ in rest)
        if len(known) == before:
            return set(access.indices) <= known


def _is_mixed_radix(terms: list[tuple[str, Extent]], box: Box) -> bool:
    """Whether each coefficient is larger than everything that the smaller ones add up to."""
    magnitudes = [(c if c.at_least(0) else -c, name) for name, c in terms]
    if not all(c.at_least(1) for c, _ in magnitudes):
        return False
    reach = Extent()
    remaining = list(magnitudes)
    while remaining:
        pick = next(((c, n) for c, n in remaining if c.at_least(reach + 1) and _is_least(c, remaining)), None)
        if pick is None:
            return False
        remaining.remove(pick)
        reach = reach + pick[0] * (box[pick[1]] - 1)
    return True


def _is_least(coefficient: Extent, remaining: list[tuple[Extent, str]]) -> bool:
    return all(other.at_least(coefficient) for other, _ in remaining)


def covers(scope: Scope, accesses: Sequence[tuple[Access, Box]]) -> bool:
    """Whether disjoint injective accesses are proved to meet every element of their tensor."""
    extents = scope.program.tensors[accesses[0][0].tensor].extents
    plain = accesses[0][0].plain
    if plain is not None and tuple(accesses[0][1][name] for name in plain) == extents:
        return True
    total = Extent()
    for access, box in accesses:
        places = [place for place in access.places if isinstance(place, Affine)]
        if not all(stays_inside(p, e, box) for p, e in zip(places, extents, strict=True)):
            return False
        count = Extent.of(1)
        for name in access.indices:
            count = count * box[name]
        total = total + count
    size = Extent.of(1)
    for extent in extents:
        size = size * extent
    return total == size


def uncovered(scope: Scope, access: Access, box: Box) -> list[str] | None:
    """Views of what an access leaves out that meets a range of one dimension and all of the others; None for others."""
    extents = scope.program.tensors[access.tensor].extents
    places = [place for place in access.places if isinstance(place, Affine)]
    short = [k for k, (p, e) in enumerate(zip(places, extents, strict=True)) if not p.plain or box[p.plain] != e]
    if len(short) != 1 or len(set(access.indices)) != len(extents):
        return None
    place, extent = places[short[0]], extents[short[0]]
    if len(place.terms) != 1 or place.terms[0][1].constant != 1 or not stays_inside(place, extent, box):
        return None
    first, behind = place.constant, place.constant + box[place.terms[0][0]]
    own, before = scope.names[access.tensor], ":, " * short[0]
    slices = [f":{scope.extent(first)}"] if first.terms else []
    slices += [f"{scope.extent(behind)}:"] if behind != extent else []
    return [scope.bind(f"{own}_rest", f"{own}[{before}{part}]") for part in slices]


def target_of(scope: Scope, task: Task, first: bool) -> Target | None:
    """The target of a task that meets every element at most once; None where it may meet one twice."""
    name = scope.names[task.target.tensor]
    kind = "int" if scope.program.tensors[task.target.tensor].integer else "real"
    if not is_affine(task.target):
        return None
    combine = "" if first else COMBINE.get(task.op, "")
    if not task.target.places:
        return Target(name, kind, None, combine)
    tensor = scope.program.tensors[task.target.tensor]
    places = [place for place in task.target.places if isinstance(place, Affine)]
    inside = all(stays_inside(p, e, task.box) for p, e in zip(places, tensor.extents, strict=True))
    if (task.masks and not inside) or not is_injective(task.target, task.box):
        return None
    view = target_view(scope, task.target, task.box)
    return None if view is None else Target(name, kind, view, combine)
