"""Sums, and the other reductions, of arrays over some of their axes."""

from __future__ import annotations

from symnet.backends.numpy.across import is_slow_across, turned_lines
from symnet.backends.numpy.passing import count_reduction, iterator
from symnet.backends.numpy.scope import Array, Box, Scalar, Scope
from symnet.planning.contractions import nominal
from symnet.planning.costs import volume
from symnet.planning.footprint import Made
from symnet.planning.rows import ONES, TOTALS, WEIGHTED

# From how many numbers on the helper `_total` makes no vector of ones.
LONG_TOTAL = 4096

# op to the ufunc that combines two values
COMBINE = {"+": "add", "prod": "multiply", "max": "maximum", "min": "minimum"}

# op to the value of a reduction over nothing, for real and for integer tensors
IDENTITY = {
    ("+", "real"): "0",
    ("+", "int"): "0",
    ("prod", "real"): "1",
    ("prod", "int"): "1",
    ("max", "real"): "-np.inf",
    ("max", "int"): "np.iinfo(np.intp).min",
    ("min", "real"): "np.inf",
    ("min", "int"): "np.iinfo(np.intp).max",
    ("argmax", "real"): "-np.inf",
    ("argmax", "int"): "np.iinfo(np.intp).min",
    ("argmin", "real"): "np.inf",
    ("argmin", "int"): "np.iinfo(np.intp).max",
}


def copied(scope: Scope, array: Array, axes: tuple[str, ...], box: Box, kind: str) -> Array:
    """A contiguous copy of an array with its axes in this order, in a temporary."""
    result = scope.temporary(axes, box, kind)
    if is_slow_across(array, axes, box) and array.kind == kind:
        for line in turned_lines(scope, array, result, box):
            scope.line(line)
    else:
        scope.line(f"{result.source}[...] = {scope.aligned(array, axes).source}")
    scope.release(array)
    return result


def grouped(scope: Scope, array: Array, groups: tuple[tuple[str, ...], ...], box: Box) -> Array:
    """The array with each group of axes made one axis, in this order: a view, or a copy where there is none."""
    groups = tuple(group for group in groups if group)
    wanted = tuple(axis for group in groups for axis in group)
    if all(len(group) == 1 for group in groups):
        return scope.transposed(array, wanted)
    order = group_order(array.axes, groups)
    if array.whole and order is not None:
        flat = scope.flattened(array, order, box)
        return scope.transposed(flat, tuple(",".join(group) for group in groups))
    return scope.flattened(copied(scope, array, wanted, box, array.kind), groups, box)


def group_order(axes: tuple[str, ...], groups: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...] | None:
    """The groups in the order in which the axes hold them; None where the axes of a group are not neighbours."""
    ordered = sorted(groups, key=lambda group: axes.index(group[0]))
    return tuple(ordered) if tuple(axis for group in ordered for axis in group) == axes else None


def sum_over(
    scope: Scope, array: Array, keep: tuple[str, ...], box: Box, out: Array | None = None, scale: str = ""
) -> tuple[Array | Scalar, bool]:
    """The sum of an array over all axes but `keep`, and whether `scale`, a constant, is in it already.

    It is a product with ones where the axes are neighbours, which is faster than `add.reduce`.
    """
    kept = tuple(axis for axis in array.axes if axis in keep)
    lost = tuple(axis for axis in array.axes if axis not in keep)
    if not lost:
        return array, False
    leading = array.axes == lost + kept
    trailing = _trailing(array.axes, lost)
    if array.kind == "real" and array.whole and kept and not leading and trailing and trailing != lost:
        part, _ = sum_over(scope, array, tuple(axis for axis in array.axes if axis not in trailing), box)
        assert isinstance(part, Array)
        return sum_over(scope, part, keep, box, out, scale)
    easy = array.whole or (len(lost) == 1 and len(kept) <= 1)
    before = kept[: array.axes.index(lost[0])]
    neighbours = array.axes == before + lost + kept[len(before) :]
    if array.kind != "real" or not easy or not neighbours or not ONES():
        return _reduced_sum(scope, array, kept, lost, box, out), False
    extents = tuple(box[axis] for axis in lost)
    if not kept and scope.often and any(extent.sizes for extent in extents) and TOTALS():
        flat = grouped(scope, array, (lost,), box)
        made = Made.of(extents, "real", below=LONG_TOTAL)
        total = scope.bind("total", f"_total({scope.extent(volume(extents))}, {scale or 1}, dtype)", made=(made,))
        scope.passing.append((iterator(),))
        return Scalar(f"{total}({flat.source})", "real", atomic=True), bool(scale)
    if scale and not WEIGHTED(nominal(volume(extents))):
        scale = ""
    ones = scope.ones(extents, scale)
    if not kept:
        flat = grouped(scope, array, (lost,), box)
        return Scalar(f"{ones}.dot({flat.source})", "real", atomic=True), bool(scale)
    place = out if out is not None and out.whole and out.axes == kept else scope.temporary(kept, box, "real")
    behind = kept[len(before) :]
    table = grouped(scope, array, (before, lost, behind), box)
    target = grouped(scope, place, (before, behind), box)
    if before and behind:
        scope.line(f"np.matmul({ones}, {table.source}, out={target.source})")
    else:
        left, right = (table.source, ones) if before else (ones, table.source)
        scope.line(f"{left}.dot({right}, out={target.source})")
    scope.release(array)
    return place, bool(scale)


def _trailing(axes: tuple[str, ...], lost: tuple[str, ...]) -> tuple[str, ...]:
    """The lost axes behind the last one that is kept."""
    last = max((k for k, axis in enumerate(axes) if axis not in lost), default=-1)
    return axes[last + 1 :]


def _reduced_sum(
    scope: Scope, array: Array, kept: tuple[str, ...], lost: tuple[str, ...], box: Box, out: Array | None
) -> Array | Scalar:
    kind = "int" if array.kind == "bool" else array.kind
    return reduce_axes(scope, "add", array, kept, lost, box, kind, out)


def reduce_axes(
    scope: Scope,
    ufunc: str,
    array: Array,
    kept: tuple[str, ...],
    lost: tuple[str, ...],
    box: Box,
    kind: str,
    out: Array | None = None,
    initial: str = "",
) -> Array | Scalar:
    """`np.<ufunc>.reduce` over the lost axes."""
    positions = [array.axes.index(axis) for axis in lost]
    axis = str(positions[0]) if len(positions) == 1 else str(tuple(positions))
    options = f"axis={axis}" + (f", initial={initial}" if initial else "")
    count_reduction(scope, array, kind, box)
    if not kept:
        return Scalar(f"np.{ufunc}.reduce({array.source}, {options.replace(axis, 'None', 1)})", kind, atomic=True)
    place = out if out is not None and out.axes == kept and out.kind == kind else scope.temporary(kept, box, kind)
    scope.line(f"np.{ufunc}.reduce({array.source}, {options}, out={place.source})")
    scope.release(array)
    return place
