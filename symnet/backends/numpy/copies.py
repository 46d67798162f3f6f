"""Views as matrices: as they are where BLAS can read them, else copied in the order that is fastest to copy.

A copy is fast where it takes long pieces of memory, and a view of windows is several times as large as what it is a
view of: small ones are copied once and kept for the next product, large ones a few examples at a time.
"""

from __future__ import annotations

from symnet.backends.numpy.reduction import copied, group_order, grouped
from symnet.backends.numpy.scope import Array, Box, Scope
from symnet.planning.contractions import Pair, nominal, volume, writes_stack
from symnet.planning.costs import copy_time
from symnet.planning.rows import KEPT, ORDER_OF_COPY


def strides(array: Array, box: Box) -> dict[str, int]:
    """How many elements lie between two neighbours along each axis, nominally."""
    if array.strides:
        known = dict(array.strides)
        return {axis: known.get(axis, 0) for axis in array.axes}
    found, weight = {}, 1
    for axis in reversed(array.axes):
        found[axis] = weight
        weight *= nominal(box[axis])
    return found


def in_memory_order(array: Array, names: tuple[str, ...], box: Box) -> tuple[str, ...]:
    """These axes of an array, those with the longest strides first."""
    step = strides(array, box)
    return tuple(sorted(names, key=lambda name: -abs(step[name])))


def overlaps(array: Array, box: Box) -> bool:
    """Whether a view shows elements more than once."""
    reach = 0
    for axis, step in sorted(strides(array, box).items(), key=lambda item: abs(item[1])):
        length = nominal(box[axis])
        if length > 1 and abs(step) <= reach:
            return True
        reach += abs(step) * (length - 1)
    return False


def time_to_copy(array: Array, order: tuple[str, ...], box: Box) -> float:
    """How long it takes to copy an array with its axes in this order, in nanoseconds."""
    step, piece = strides(array, box), 1
    for axis in reversed(order):
        if step[axis] != piece and nominal(box[axis]) > 1:
            break
        piece *= nominal(box[axis])
    return copy_time(volume(order, box), piece)


def is_matrix(array: Array, left: tuple[str, ...], right: tuple[str, ...]) -> bool:
    """Whether the array, its axes in these two groups, is a matrix as it lies."""
    groups = tuple(group for group in (left, right) if group)
    if len(left) <= 1 and len(right) <= 1:
        return True
    return array.whole and group_order(array.axes, groups) is not None


def matrix_order(array: Array, left: tuple[str, ...], right: tuple[str, ...], box: Box) -> tuple[str, ...]:
    """The order in which to copy an array that is to be the matrix [left, right] or its transpose."""
    return cheapest_copy(array, (left + right, right + left), box)


def cheapest_copy(array: Array, orders: tuple[tuple[str, ...], ...], box: Box) -> tuple[str, ...]:
    """The order of these in which it takes the least time to copy an array."""
    chosen: tuple[str, ...] = ORDER_OF_COPY(orders, lambda order: time_to_copy(array, order, box))
    return chosen


def time_as_matrix(array: Array, left: tuple[str, ...], right: tuple[str, ...], box: Box) -> float:
    """How long it takes to copy an array where that is needed to make it the matrix [left, right], in nanoseconds."""
    if is_matrix(array, left, right):
        return 0
    return time_to_copy(array, matrix_order(array, left, right, box), box)


def matrix(scope: Scope, array: Array, left: tuple[str, ...], right: tuple[str, ...], box: Box) -> Array:
    """The array as the matrix [left, right]; a vector where one of them is empty."""
    if not is_matrix(array, left, right):
        order = matrix_order(array, left, right, box)
        array = (
            kept_copy(scope, array, order, box)
            if overlaps(array, box)
            else copied(scope, array, order, box, array.kind)
        )
    return grouped(scope, array, (left, right), box)


def kept_copy(scope: Scope, array: Array, order: tuple[str, ...], box: Box) -> Array:
    """A copy that later products of the same function find again."""
    if scope.looping or not array.fixed or not KEPT(volume(order, box)):
        return copied(scope, array, order, box, array.kind)
    source = scope.transposed(array, order).source
    key = ("copy", source, tuple(box[axis] for axis in order))
    if key not in scope.padded:
        result = scope.own(f"{array.storage or array.source}_windows", order, box, array.kind)
        scope.line(f"{result.source}[...] = {source}")
        scope.padded[key] = result
    return scope.padded[key].renamed(order)


def result_place(scope: Scope, axes: tuple[str, ...], box: Box, kind: str, out: Array | None) -> Array:
    """The place for a result with these axes: where it is to go, if that lies like that, else a temporary."""
    if out is not None and out.whole and out.axes == axes and out.kind == kind:
        return out
    return scope.temporary(axes, box, kind)


def stack_place(scope: Scope, pair: Pair, box: Box, kind: str, out: Array | None) -> Array:
    """The place for a stack of products: where it is to go, if its matrices lie there as BLAS wants them."""
    ready = out is not None and out.kind == kind and _is_in_order(out, box)
    if ready and out is not None and writes_stack(pair, out.axes, lambda axes: volume(axes, box)):
        return out
    return result_place(scope, (*pair.batch, *pair.rows, *pair.columns), box, kind, out)


def _is_in_order(array: Array, box: Box) -> bool:
    """Whether the elements of an array lie in the order of its axes, one behind the other."""
    weight = 1
    for axis in reversed(array.axes):
        if strides(array, box)[axis] != weight:
            return False
        weight *= nominal(box[axis])
    return True


def thin(scope: Scope, array: Array, single: set[str]) -> Array:
    """The array without some axes, which have the length 1."""
    if single.isdisjoint(array.axes):
        return array
    index = ", ".join("0" if axis in single else ":" for axis in array.axes)
    kept = tuple(axis for axis in array.axes if axis not in single)
    return scope.view(array, f"[{index}]", "thin", kept, whole=array.whole)
