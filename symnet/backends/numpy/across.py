"""Matrices that are walked across their rows, as A.T in A + A.T, whose rows begin in the same few sets of the cache.

A cache finds the set for a line by some bits of its address. Where rows are a multiple of 2 kB apart, a column needs
more lines of a set than it holds, and every element is fetched anew. So some rows at a time are copied a line further
apart, and walked there:

    for j in range(0, 2048, 64):
        part = A[j : j + 64]
        rows = t0[: len(part), :2048]
        rows[...] = part
        S[:, j : j + 64] = rows.T
"""

from __future__ import annotations

from symnet.backends.numpy.scope import Array, Box, Scope
from symnet.language.extents import Extent
from symnet.planning.costs import LINE, across_time, copy_time
from symnet.planning.rows import CACHED

# Between how many rows are held next to each other, where the cache has room for them.
FEWEST_ROWS, MOST_ROWS = 16, 128


def is_slow_across(array: Array, order: tuple[str, ...], box: Box) -> bool:
    """Whether to read a matrix with its axes in this order pays for copying its rows before."""
    if len(array.axes) != 2 or array.temp or set(array.axes) != set(order) or array.axes == order:
        return False
    rows, width = (box[axis].constant for axis in array.axes)
    if not rows or not width or rows < FEWEST_ROWS:
        return False
    step = dict(array.strides)
    pitch = step.get(array.axes[0], width)
    if step.get(array.axes[1], 1) != 1 or pitch < width:
        return False
    count = rows * width
    copied = copy_time(count, width) + across_time(count, width + LINE)
    return across_time(count, pitch) > copied


def turned_lines(scope: Scope, array: Array, place: Array, box: Box) -> list[str]:
    """The lines that write such a matrix to a place that has its axes the other way round."""
    lead, inner = array.axes
    length, width = (box[axis].constant or 0 for axis in array.axes)
    block = min(length, max(FEWEST_ROWS, min(MOST_ROWS, CACHED // width)))
    buffer = scope.temporary(array.axes, {lead: Extent.of(block), inner: Extent.of(width + LINE)}, array.kind)
    scope.release(buffer)
    if block == length:
        rows = scope.view(buffer, f"[:, :{width}]", "rows", array.axes)
        return [
            f"{rows.source}[...] = {array.source}",
            f"{place.source}[...] = {scope.transposed(rows, place.axes).source}",
        ]
    counter, part, copy = scope.local(lead), scope.local("part"), scope.local("rows")
    return [
        f"for {counter} in range(0, {length}, {block}):",
        f"    {part} = {array.source}[{counter} : {counter} + {block}]",
        f"    {copy} = {buffer.source}[: len({part}), :{width}]",
        f"    {copy}[...] = {part}",
        f"    {place.source}[:, {counter} : {counter} + {block}] = {copy}.T",
    ]
