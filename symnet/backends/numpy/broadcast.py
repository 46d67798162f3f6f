"""Operands that lack axes of a result, repeated along them before a ufunc reads them, where that is faster.

Where all operands lie alike, a ufunc is one loop. Else NumPy begins a loop for each row, and needs an iterator before
that: to add a bias to 8 x 32 elements takes four times as long as to add two arrays. A copy that repeats the bias has
neither of these costs; with it the addition takes half as long.
"""

from __future__ import annotations

from dataclasses import replace

from symnet.backends.numpy.scope import Array, Box, Scalar, Scope
from symnet.planning.contractions import nominal, volume
from symnet.planning.footprint import Made
from symnet.planning.rows import LENGTHENED, REPEATED, WIDENED


def widened(scope: Scope, value: Array | Scalar, axes: tuple[str, ...], box: Box, place: Array) -> Array | Scalar:
    """An operand of a ufunc whose result has these axes: as it is, or in a temporary with more of them.

    Where the place of the result is not in one piece, NumPy needs an iterator whatever the operand is.
    """
    if isinstance(value, Scalar) or not value.axes or len(value.axes) == len(axes):
        return value
    if scope.often and all(box[axis].constant == 1 for axis in value.axes):
        return scope.view(value, ".reshape(())", "number", ())
    wider = _longer_row(value.axes, axes, box)
    if (
        wider == value.axes
        and scope.often
        and place.whole
        and WIDENED(volume(axes, box), box[axes[-1]].constant is None)
    ):
        wider = axes
    if wider == value.axes:
        return value
    place = scope.temporary(wider, box, value.kind)
    scope.line(f"{place.source}[...] = {scope.aligned(value, wider).source}")
    return place


def _longer_row(own: tuple[str, ...], axes: tuple[str, ...], box: Box) -> tuple[str, ...]:
    """The axes of a short row that meets many longer ones, such as the bias of a few channels, until it is long.

    NumPy runs along rows, and a row takes as long as twenty elements.
    """
    row = volume(own, box)
    if own != axes[-len(own) :] or not REPEATED(row, volume(axes, box) // row):
        return own
    return lengthened(own, axes, box)


def lengthened(own: tuple[str, ...], axes: tuple[str, ...], box: Box) -> tuple[str, ...]:
    """The last of some axes, and as many of those before them as it takes to make a long row."""
    for axis in reversed(axes[: -len(own)]):
        if box[axis].constant is None or not LENGTHENED(volume(own, box)):
            break
        own = (axis, *own)
    return own


def repeated_constant(scope: Scope, value: Array, axes: tuple[str, ...], box: Box) -> Array:
    """A constant of the plan, repeated along the last of these axes until its rows are long, which costs no step time.

    Where the plan is made anew for every call it stays as it is.
    """
    run, wider = 1, set(value.axes)
    for axis in reversed(axes):
        if axis not in value.axes and box[axis].constant is None or not LENGTHENED(run):
            break
        run *= nominal(box[axis])
        wider.add(axis)
    order = tuple(axis for axis in axes if axis in wider)
    if order == value.axes or not scope.often or not value.fixed or value.storage:
        return value
    source = scope.aligned(value, order).source + "[None]" * order.index(value.axes[0])
    for place, axis in enumerate(order):
        source += "" if axis in value.axes else f".repeat({scope.extent(box[axis])}, {place})"
    made = Made.of((box[axis] for axis in order), value.kind)
    return replace(value, source=scope.bind("wide", source, made=(made,)), axes=order, whole=True, strides=())
