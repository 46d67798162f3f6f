"""What NumPy makes inside of a call, for the footprint of a plan.

A ufunc whose operands all lie alike is one loop over them. Else it takes an iterator, which copies in pieces of at most
8,192 elements what it cannot walk with one step: operands of another kind of element, repeated ones, views whose rows
are apart. How many it copies is decided as NumPy decides (2.3 and later), which goes from the inner dimensions outwards
as long as a longer piece pays for one more copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from symnet.backends.numpy.scope import Array, Box, Scalar, Scope
from symnet.language.extents import Extent
from symnet.planning.contractions import nominal
from symnet.planning.footprint import Made

# Elements of a buffer; bytes of an iterator over few operands, and of what `ufunc.at` needs; kinds of elements, the
# later ones taking in the others.
BUFFER, ITERATOR, AT = 8192, 1000, 5000
KINDS = ("bool", "narrow", "int", "bits", "real")

Operand = Array | Scalar
Strides = list[int]


def count_call(scope: Scope, operands: Sequence[Operand], out: Array, box: Box, inner: str = "") -> None:
    """Count what a ufunc over these operands makes, that writes to `out`; `inner` is the kind that it calculates in."""
    axes = tuple(axis for axis in _in_order(scope, out, box) if box[axis].constant != 1)
    arrays = [array for array in operands if isinstance(array, Array) and array.axes]
    if not inner:
        inner = out.kind if out.kind != "bool" else max((a.kind for a in arrays), key=KINDS.index, default="bool")
    kinds = [*(inner for _ in arrays), out.kind if out.kind == "bool" else inner]
    casts = [array.kind != kind for array, kind in zip((*arrays, out), kinds, strict=True)]
    strides = [steps(scope, array, box) for array in (*arrays, out)]
    lengths = [nominal(box[axis]) for axis in reversed(axes)]
    found = _buffered(lengths, [[own.get(axis, 0) for axis in reversed(axes)] for own in strides], casts)
    if found is None:
        return
    copied, core = found
    most = max(BUFFER // core, 1) * core
    made = [
        Made.of((box[axis] for axis in axes), kind, most=most) for kind, own in zip(kinds, copied, strict=True) if own
    ]
    scope.passing.append((*made, iterator()))


def iterator(size: int = ITERATOR) -> Made:
    """The memory of an iterator."""
    return Made((Extent.of(size),), "narrow")


def count_reduction(scope: Scope, array: Array, kind: str, box: Box) -> None:
    """Count what the reduction of an array makes, whose result has this kind."""
    cast = array.kind != kind
    made = [Made.of((box[axis] for axis in array.axes), kind, most=BUFFER)] if cast else []
    scope.passing.append((*made, iterator()))


def count_array(scope: Scope, axes: Sequence[str], box: Box, *kinds: str) -> None:
    """Count arrays over these axes that live at one time within a call."""
    scope.passing.append(tuple(Made.of((box[axis] for axis in axes), kind) for kind in kinds))


def count_copy(scope: Scope, array: Array, box: Box) -> None:
    """Count the copy that a product makes of a matrix that BLAS cannot walk, since no elements are neighbours."""
    own = steps(scope, array, box)
    long = [axis for axis in array.axes if box[axis].constant != 1]
    if len(long) > 1 and all(abs(own[axis]) != 1 for axis in long):
        count_array(scope, array.axes, box, array.kind)


def steps(scope: Scope, array: Array, box: Box) -> dict[str, int]:
    """How many elements lie between two neighbours along each axis, nominally."""
    if array.strides:
        return dict(array.strides)
    found, weight = {}, 1
    for axis in reversed(scope.memory_order(array)):
        found[axis] = weight
        weight *= nominal(box[axis]) if axis in box else 1
    return found


def _in_order(scope: Scope, array: Array, box: Box) -> tuple[str, ...]:
    """The axes of an array, those with the longest steps first."""
    own = steps(scope, array, box)
    return tuple(sorted(array.axes, key=lambda axis: -abs(own.get(axis, 0))))


def _buffered(lengths: list[int], strides: list[Strides], casts: list[bool]) -> tuple[list[bool], int] | None:
    """Which operands an iterator copies, and the length of the piece that it repeats; None where none is needed.

    All from the innermost dimension to the outermost one.
    """
    lengths, strides = _coalesced(lengths, strides) if lengths else ([1], [[0] for _ in strides])
    if len(lengths) == 1 and not any(casts):
        return None
    single, cost, size = [1] * len(strides), 1 + sum(casts), lengths[0]
    best, best_cost, best_size, core = 0, cost, size, 1
    for dimension in range(1, len(lengths)):
        if size >= BUFFER and cost > 1:
            break
        for k, own in enumerate(strides):
            if single[k] == dimension:
                if own[dimension - 1] * lengths[dimension - 1] == own[dimension]:
                    single[k] += 1
                elif not casts[k]:
                    cost += 1
        inside, size = size, size * lengths[dimension]
        reach = min(size, BUFFER) if cost > 1 else size
        if cost * best_size <= best_cost * reach:
            best, best_cost, best_size, core = dimension, cost, size, inside
    return [cast or own <= best for cast, own in zip(casts, single, strict=True)], core


def _coalesced(lengths: list[int], strides: list[Strides]) -> tuple[list[int], list[Strides]]:
    """The dimensions with those joined that all operands walk with one step."""
    joins = [all(own[k] * lengths[k] == own[k + 1] for own in strides) for k, _ in enumerate(pairwise(lengths))]
    kept = [k for k in range(len(lengths)) if k == 0 or not joins[k - 1]]
    ends = [*kept[1:], len(lengths)]
    found = []
    for start, end in zip(kept, ends, strict=True):
        length = 1
        for k in range(start, end):
            length *= lengths[k]
        found.append(length)
    return found, [[own[k] for k in kept] for own in strides]
