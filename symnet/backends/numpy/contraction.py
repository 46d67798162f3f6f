"""Sums of products as matrix products.

Two operands are classified by their indices: those of both that are kept are a batch, those of both that are summed
are contracted, the others are rows and columns. Without a batch it is one `dot`, with one a `matmul`.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

from symnet.backends.numpy.blocks import dot_in_blocks, takes_blocks
from symnet.backends.numpy.copies import (
    cheapest_copy,
    in_memory_order,
    is_matrix,
    matrix,
    overlaps,
    result_place,
    stack_place,
    thin,
    time_as_matrix,
)
from symnet.backends.numpy.outer import outer_product
from symnet.backends.numpy.passing import count_call, count_copy, iterator
from symnet.backends.numpy.positions import positions_of, product_by_positions
from symnet.backends.numpy.reduction import copied, grouped, sum_over
from symnet.backends.numpy.scope import Array, Box, Scalar, Scope
from symnet.planning.contractions import Pair, cheapest_order, classify, nominal, volume
from symnet.planning.costs import copy_time
from symnet.planning.rows import EINSUM, ORDER_OF_COPY, ORDER_OF_WINDOWS, SCALED_OPERAND


def contract(
    scope: Scope, operands: list[Array], keep: tuple[str, ...], box: Box, out: Array | None, scale: Scalar | None
) -> Array | Scalar:
    """The sum of the product of the operands over every index that is not kept, times the scale.

    The result is in `out` where that could be, else in a temporary or a view; its axes are some order of `keep`.
    """
    if len(operands) == 1:
        constant = scale.source if scale is not None and scale.constant else ""
        total, done = sum_over(scope, operands[0], keep, box, out, constant)
        return total if done or scale is None else scaled(scope, total, scale, box, out)
    remaining = list(operands)
    for left, right in cheapest_order([operand.axes for operand in operands], keep, box):
        a, b = remaining[left], remaining[right]
        remaining = [o for k, o in enumerate(remaining) if k not in (left, right)]
        needed = {*keep, *(axis for operand in remaining for axis in operand.axes)}
        last = not remaining
        if last and scale is not None:
            a, b, scale = _with_scale(scope, a, b, scale, keep, box)
        result = _pair(scope, a, b, needed, keep, box, out if last else None)
        if last:
            return result if scale is None else scaled(scope, result, scale, box, out)
        remaining.append(_as_array(scope, result))
    raise AssertionError("no operands")


def _with_scale(
    scope: Scope, a: Array, b: Array, scale: Scalar, keep: tuple[str, ...], box: Box
) -> tuple[Array, Array, Scalar | None]:
    """Two operands, the smaller one times the scale if the result has more elements; and the scale if it is left."""
    small = min((a, b), key=lambda operand: volume(operand.axes, box))
    if small.temp and a.storage == b.storage:  # in place, a square would take the scale twice
        return a, b, scale
    if small.kind != "real" or not SCALED_OPERAND(volume(small.axes, box), volume(keep, box)):
        return a, b, scale
    made = _as_array(scope, scaled(scope, small, scale, box, None))
    return (made, b, None) if small is a else (a, made, None)


def scaled(scope: Scope, value: Array | Scalar, scale: Scalar, box: Box, out: Array | None) -> Array | Scalar:
    """The value times a scalar, in place where it is ours."""
    if isinstance(value, Scalar):
        return Scalar(f"{scale.operand} * {value.operand}", value.kind)
    kind = "real" if "real" in (value.kind, scale.kind) else "int"
    mine = value.kind == kind and (value.temp or (out is not None and value.source == out.source))
    place = value if mine else scope.temporary(value.axes, box, kind)
    factor = scope.constant(scale.source) if scale.constant and kind == "real" else scale.source
    scope.line(f"np.multiply({value.source}, {factor}, out={place.source})")
    count_call(scope, [value], place, box)
    return place


def _pair(
    scope: Scope, a: Array, b: Array, needed: set[str], keep: tuple[str, ...], box: Box, out: Array | None
) -> Array | Scalar:
    a, b = _as_number(scope, a, box, b.kind), _as_number(scope, b, box, a.kind)
    a = _without(scope, a, needed | set(b.axes), box)
    b = _without(scope, b, needed | set(a.axes), box)
    pair = classify(a.axes, b.axes, needed)
    if not pair.contracted:
        return _outer(scope, a, b, keep, box, out)
    if pair.batch and not pair.rows and not pair.columns:
        return _inner(scope, a, b, pair, box, out)
    if pair.batch and (overlaps(a, box) or overlaps(b, box)):
        single = {axis for axis in (*a.axes, *b.axes) if box[axis].constant == 1} - set(pair.batch)
        if single:
            return _thin_pair(scope, a, b, needed, keep, box, out, single)
    order = tuple(axis for axis in keep if axis in needed)
    pair = pair.ordered(order, a.axes, b.axes)
    pair = _cheapest(a, b, pair, order, box) if not pair.batch else _in_memory(a, b, pair, order, box)
    backwards = pair.rows and pair.batch + pair.columns + pair.rows == order
    if pair.columns and (backwards or (pair.batch and not pair.rows)):
        a, b, pair = b, a, pair.swapped()
    for big, small, parts in ((a, b, pair), (b, a, pair.swapped())):
        through = positions_of(big, small, parts, box)
        if through:
            return product_by_positions(scope, big, small, parts, through, box, out)
    if pair.batch:
        return _matmul(scope, a, b, pair, box, out)
    return _dot(scope, a, b, pair, box, out)


def _thin_pair(
    scope: Scope,
    a: Array,
    b: Array,
    needed: set[str],
    keep: tuple[str, ...],
    box: Box,
    out: Array | None,
    single: set[str],
) -> Array | Scalar:
    """The product without axes of length 1, which are no sides of a matrix."""
    place = None if out is None else thin(scope, out, single)
    found = _pair(scope, thin(scope, a, single), thin(scope, b, single), needed - single, keep, box, place)
    same = out is not None and place is not None and isinstance(found, Array) and found.source == place.source
    return out if same and out is not None else found


def _as_number(scope: Scope, array: Array, box: Box, other: str) -> Array:
    """Masks, and integers that meet real numbers, as real numbers."""
    if array.kind == "real" or (array.kind == "int" and other == "int"):
        return array
    return copied(scope, array, array.axes, box, "real" if other != "int" else "int")


def _without(scope: Scope, array: Array, wanted: set[str], box: Box) -> Array:
    """The array summed over the axes that nobody else has."""
    result, _ = sum_over(scope, array, tuple(axis for axis in array.axes if axis in wanted), box)
    return _as_array(scope, result)


def _as_array(scope: Scope, value: Array | Scalar) -> Array:
    """A number among operands: it gets a name and no axes."""
    if isinstance(value, Array):
        return value
    name = scope.fresh("s")
    scope.line(f"{name} = {value.source}")
    return Array(name, (), value.kind)


def _outer(scope: Scope, a: Array, b: Array, keep: tuple[str, ...], box: Box, out: Array | None) -> Array:
    """A product without a sum. Indices to be summed later come last."""
    axes = tuple(dict.fromkeys((*(axis for axis in keep if axis in a.axes + b.axes), *a.axes, *b.axes)))
    kind = "real" if "real" in (a.kind, b.kind) else "int"
    place = out if out is not None and out.axes == axes and out.kind == kind else scope.temporary(axes, box, kind)
    large, small = (a, b) if len(a.axes) >= len(b.axes) else (b, a)
    left, right = scope.aligned(large, axes).source, scope.aligned(small, axes).source
    scope.line(f"np.multiply({left}, {right}, out={place.source})")
    count_call(scope, [a, b], place, box)
    scope.release(a)
    scope.release(b)
    return place


def _inner(scope: Scope, a: Array, b: Array, pair: Pair, box: Box, out: Array | None) -> Array | Scalar:
    """One number per index of the batch: multiply, then sum; in one pass where sums in the middle run along rows."""
    axes = a.axes
    kept = tuple(axis for axis in axes if axis in pair.batch)
    behind = axes[-1] in kept and axes[-len(kept) :] != kept
    if behind and a.kind == b.kind == "real" and EINSUM(volume(axes, box), nominal(box[axes[-1]])):
        place = result_place(scope, kept, box, "real", out)
        letters = dict(zip(axes, "abcdefghijklmnopqrstuvwxyz", strict=False))
        given, found = ("".join(letters[axis] for axis in names) for names in (axes, kept))
        sources = f"{a.source}, {scope.aligned(b, axes).source}, out={place.source}"
        scope.line(f'np.einsum("{given},{given}->{found}", {sources})')
        scope.passing.append((iterator(),))
        scope.release(a)
        scope.release(b)
        return place
    place = scope.temporary(axes, box, "real" if "real" in (a.kind, b.kind) else "int")
    scope.line(f"np.multiply({a.source}, {scope.aligned(b, axes).source}, out={place.source})")
    count_call(scope, [a, b], place, box)
    scope.release(a)
    scope.release(b)
    return sum_over(scope, place, pair.batch, box, out)[0]


def _cheapest(a: Array, b: Array, pair: Pair, order: tuple[str, ...], box: Box) -> Pair:
    """The parts with their indices in the order in which the fewest elements have to be copied in short pieces."""
    choices = [
        dict.fromkeys((names, *(in_memory_order(array, names, box) for array in arrays)))
        for names, arrays in ((pair.rows, (a,)), (pair.columns, (b,)), (pair.contracted, (a, b)))
    ]
    if all(len(names) == 1 for names in choices):
        return pair

    def time(p: Pair) -> float:
        result = 0.0
        if order not in (p.rows + p.columns, p.columns + p.rows):
            result = copy_time(volume(order, box), 1)
        return result + time_as_matrix(a, p.rows, p.contracted, box) + time_as_matrix(b, p.contracted, p.columns, box)

    found = [replace(pair, rows=r, columns=c, contracted=x) for r, c, x in product(*choices)]
    chosen: Pair = ORDER_OF_COPY(found, time)
    return chosen


def _in_memory(a: Array, b: Array, pair: Pair, order: tuple[str, ...], box: Box) -> Pair:
    """The parts in the order in which windows, which have to be copied, lie in memory."""
    big = next((array for array in (a, b) if overlaps(array, box)), None)
    if big is None:
        return pair
    pair = replace(pair, contracted=in_memory_order(big, pair.contracted, box))
    if not ORDER_OF_WINDOWS(volume(big.axes, box), volume(order, box)):
        return pair
    if big is a:
        return replace(pair, rows=in_memory_order(a, pair.rows, box))
    return replace(pair, columns=in_memory_order(b, pair.columns, box))


def _dot(scope: Scope, a: Array, b: Array, pair: Pair, box: Box, out: Array | None) -> Array | Scalar:
    for big, small, p in ((a, b, pair), (b, a, pair.swapped())):
        if takes_blocks(big, p, box):
            return dot_in_blocks(scope, big, small, p, box, out)
    left = matrix(scope, a, pair.rows, pair.contracted, box)
    right = matrix(scope, b, pair.contracted, pair.columns, box)
    kept = pair.rows + pair.columns
    if not kept:
        return Scalar(f"{left.source}.dot({right.source})", a.kind, atomic=True)
    place = result_place(scope, kept, box, a.kind, out)
    target = grouped(scope, place, (pair.rows, pair.columns), box)
    function = outer_product(scope, pair, box)
    if function:
        scope.line(f"{function}({left.source}, {right.source}, out={target.source})")
    else:
        scope.line(f"{left.source}.dot({right.source}, out={target.source})")
    for array, sides in ((a, (pair.rows, pair.contracted)), (b, (pair.contracted, pair.columns))):
        if is_matrix(array, *sides):
            count_copy(scope, array, box)
    for array in (a, b, left, right):
        scope.release(array)
    return place


def _matmul(scope: Scope, a: Array, b: Array, pair: Pair, box: Box, out: Array | None) -> Array:
    batch = tuple((axis,) for axis in pair.batch)
    left = _stack(scope, a, (*batch, pair.rows, pair.contracted), pair, box)
    right = _stack(scope, b, (*batch, pair.contracted, pair.columns), pair, box)
    place = stack_place(scope, pair, box, a.kind, out)
    target = grouped(scope, place, (*batch, pair.rows, pair.columns), box)
    sources = [left.source, right.source, target.source]
    if not pair.columns:
        sources[1] = scope.view(right, "[..., None]", "col", (*right.axes, "")).source
        sources[2] = scope.view(target, "[..., None]", "col", (*target.axes, "")).source
    scope.line(f"np.matmul({sources[0]}, {sources[1]}, out={sources[2]})")
    for array in (a, b, left, right):
        scope.release(array)
    return place


def _stack(scope: Scope, array: Array, groups: tuple[tuple[str, ...], ...], pair: Pair, box: Box) -> Array:
    """A stack of matrices whose rows or columns lie in one piece, as BLAS wants them."""
    if not array.whole or array.axes[-1] in pair.batch:
        batch, left, right = pair.batch, groups[len(pair.batch)], groups[len(pair.batch) + 1]
        order = cheapest_copy(array, (batch + left + right, batch + right + left), box)
        array = copied(scope, array, order, box, array.kind)
    return grouped(scope, array, groups, box)
