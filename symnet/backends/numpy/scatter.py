"""Statements that may meet an element of their tensor more than once, or that find it by integer tensors.

An affine place that overlaps, such as 2*u + p, is taken apart: a loop over the few values of p, each of which adds a
slice. What integer tensors point to is met at flat positions.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import combinations

from symnet.backends.numpy.domain import Task
from symnet.backends.numpy.operands import element_source, flat_position
from symnet.backends.numpy.passing import AT, count_array, count_call, iterator
from symnet.backends.numpy.reduction import COMBINE, IDENTITY, copied, grouped
from symnet.backends.numpy.scope import Array, Box, Scalar, Scope
from symnet.backends.numpy.target import is_affine, is_injective
from symnet.backends.numpy.views import (
    Dimension,
    affine_view,
    inner_view,
    margins,
    stays_inside,
    whole_array,
)
from symnet.errors import UnsupportedError
from symnet.ir.affine import Affine
from symnet.ir.program import in_range
from symnet.language.extents import Extent
from symnet.planning.contractions import volume
from symnet.planning.rows import ADDED_SLICES

Values = Callable[[Task], Array | Scalar]


def scatter(scope: Scope, task: Task, values: Values) -> None:
    """The lines that bring a task's values to where they belong."""
    if task.op in ("argmax", "argmin"):
        raise UnsupportedError(f"{task.op} into {task.target} cannot be emitted: an element may be met more than once")
    if not task.free:
        _one_element(scope, task, values)
    elif not (is_affine(task.target) and task.op != "=" and _add_slices(scope, task, values)):
        _at_positions(scope, task, values)


def _one_element(scope: Scope, task: Task, values: Values) -> None:
    element = element_source(scope, task, task.target, whole_array(scope, task.target.tensor))
    value = values(task)
    if task.op == "=":
        scope.line(f"{element} = {value.source}")
    elif task.op == "+":
        scope.line(f"{element} += {value.source}")
    else:
        scope.line(f"{element} = np.{COMBINE[task.op]}({element}, {value.source})")


# --- slices ----------------------------------------------------------------------------------------


def _add_slices(scope: Scope, task: Task, values: Values) -> bool:
    """Try to write an affine scatter as a loop over slices; whether that was possible."""
    looped = _looped(task)
    if looped is None:
        return False
    tensor = scope.program.tensors[task.target.tensor]
    places = [place for place in task.target.places if isinstance(place, Affine)]
    base, widths = whole_array(scope, task.target.tensor), None
    if not all(stays_inside(p, e, task.box) for p, e in zip(places, tensor.extents, strict=True)):
        found = [margins(scope, p, e, task.box) for p, e in zip(places, tensor.extents, strict=True)]
        widths = [pair for pair in found if pair is not None]
        if len(widths) < len(found):
            return False
        task = _without_range_guards(scope, task, places)
    view_axes = _slice_axes(scope, task, base, looped)
    if view_axes is None:
        return False
    value = values(task)
    ufunc = COMBINE[task.op]
    if widths is not None:
        base = _bordered(scope, task, widths)
        places = [place + low for place, (low, _) in zip(places, widths, strict=True)]
        extents = tuple(low + e + high for e, (low, high) in zip(tensor.extents, widths, strict=True))
    else:
        extents = tensor.extents
    _slices(scope, task, base, [Dimension(p, e) for p, e in zip(places, extents, strict=True)], looped, value)
    if widths is not None:
        own, inner = whole_array(scope, task.target.tensor), inner_view(scope, base, tensor.extents, widths)
        scope.line(f"np.{ufunc}({own.source}, {inner.source}, out={own.source})")
        own, inner = (replace(array, axes=tuple(f"#{k}" for k in range(len(array.axes)))) for array in (own, inner))
        count_call(scope, [own, inner], own, {f"#{k}": extent for k, extent in enumerate(tensor.extents)})
        scope.release(base)
    return True


def _looped(task: Task) -> tuple[str, ...] | None:
    """The indices to loop over: the fewest values that leave every element met at most once."""
    choices = [names for count in range(len(task.free) + 1) for names in combinations(task.free, count)]
    choices.sort(key=lambda names: volume(names, task.box))
    for names in choices:
        if not ADDED_SLICES(volume(names, task.box)):
            return None
        if names and any(task.box[name].constant is None for name in names):
            continue
        fixed = task.target.substitute({name: Affine() for name in names})
        if is_injective(fixed, task.box):
            return names
    return None


def _without_range_guards(scope: Scope, task: Task, places: list[Affine]) -> Task:
    """The task without the masks that keep its target in range, where its leaves do not need them: a border catches
    what lies outside."""
    extents = scope.program.tensors[task.target.tensor].extents
    ranges = [guard for place, e in zip(places, extents, strict=True) for guard in in_range(place, e)]
    for access in task.leaves:
        own = scope.program.tensors[access.tensor].extents
        for place, extent in zip(access.places, own, strict=True):
            if not isinstance(place, Affine) or not stays_inside(place, extent, task.box):
                return task
    return replace(task, masks=tuple(mask for mask in task.masks if mask not in ranges))


def _bordered(scope: Scope, task: Task, widths: list[tuple[Extent, Extent]]) -> Array:
    """A larger buffer that takes in what lies outside of the tensor as well, with the identity in it."""
    own = whole_array(scope, task.target.tensor)
    extents = scope.program.tensors[task.target.tensor].extents
    name = scope.fresh(f"{own.source}_bordered")
    scope.buffer(name, tuple(low + e + high for e, (low, high) in zip(extents, widths, strict=True)), own.kind)
    scope.line(f"{name}.fill({IDENTITY[task.op, own.kind]})")
    return Array(name, own.axes, own.kind, name, fixed=True, whole=True)


def _slice_axes(scope: Scope, task: Task, base: Array, looped: tuple[str, ...]) -> tuple[str, ...] | None:
    """The axes of the slices, None where a place has a coefficient whose sign is not known."""
    places = [place for place in task.target.places if isinstance(place, Affine)]
    if any(c.constant is None and not c.at_least(1) for place in places for _, c in place.terms):
        return None
    return tuple(name for name in task.free if name not in looped)


def _slices(
    scope: Scope,
    task: Task,
    base: Array,
    dimensions: list[Dimension],
    looped: tuple[str, ...],
    value: Array | Scalar,
) -> None:
    ufunc = COMBINE[task.op]
    counters = {name: scope.fresh(name) for name in looped}
    shifts = {name: Affine.of(Extent.size(counters[name])) for name in looped}
    unknown = Extent.size("?")  # no slice may drop its end on the ground that counters are at least 1
    inside = [Dimension(d.place.substitute(shifts), unknown if looped else d.extent) for d in dimensions]
    if not looped:
        view = affine_view(scope, base, inside, task.box)
        assert view is not None
        scope.line(f"np.{ufunc}({view.source}, {_aligned_source(scope, value, view.axes)}, out={view.source})")
        count_call(scope, [view, value], view, task.box)
        _release(scope, value)
        return
    view = affine_view(scope, replace(base, fixed=False), inside, task.box)
    assert view is not None
    loops = "".join(f" for {counters[name]} in range({scope.extent(task.box[name])})" for name in looped)
    parts = scope.bind(f"{base.source}_slices", f"[{view.source}{loops}]")
    count_call(scope, [view, value], view, task.box)
    part = scope.fresh("part")
    if isinstance(value, Scalar) or not set(value.axes) & set(looped):
        scope.line(f"for {part} in {parts}:")
        scope.line(f"    np.{ufunc}({part}, {_aligned_source(scope, value, view.axes)}, out={part})")
        _release(scope, value)
        return
    order = (*(name for name in looped if name in value.axes), *view.axes)
    turned = scope.transposed(value, tuple(name for name in order if name in value.axes))
    axes = tuple(name for name in turned.axes if name not in looped)
    index = ", ".join(counters[name] for name in looped if name in value.axes)
    one = replace(turned, source=f"{turned.source}[{index}]", axes=axes, fixed=False)
    source = scope.aligned(one, view.axes).source
    listed = f"[{source}{loops}]"
    if len(turned.axes) == len(axes) + 1 and axes in ((), view.axes):
        listed = turned.source  # its rows are what is wanted
    elif axes and value.fixed:
        listed = scope.bind(f"{value.source}_slices", listed)
    term = scope.fresh("term")
    scope.line(f"for {part}, {term} in zip({parts}, {listed}, strict=True):")
    scope.line(f"    np.{ufunc}({part}, {term}, out={part})")
    _release(scope, value)


def _aligned_source(scope: Scope, value: Array | Scalar, axes: tuple[str, ...]) -> str:
    if isinstance(value, Array):
        return scope.aligned(value, axes).source
    return scope.constant(value.source) if value.constant and value.kind == "real" else value.source


def _release(scope: Scope, value: Array | Scalar) -> None:
    if isinstance(value, Array):
        scope.release(value)


# --- positions -------------------------------------------------------------------------------------


def _at_positions(scope: Scope, task: Task, values: Values) -> None:
    """Combine values into a tensor at flat positions: `ufunc.at` is fast for flat operands only."""
    position, outside = flat_position(scope, task, task.target)
    value = values(task)
    base = whole_array(scope, task.target.tensor)
    flat = scope.view(base, ".reshape(-1)", "flat", ("#",), whole=True) if len(base.axes) > 1 else base
    axes = task.free  # indices may cancel out of a position
    places = _flat(scope, position, axes, task.box)
    source = _flat_value(scope, value, axes, task.box, base.kind)
    if task.masks and task.op == "=":
        raise UnsupportedError(f"{task.target} cannot be emitted: stored through integers under a condition")
    if outside is not None:
        count_array(scope, axes, task.box, "int", "int", "real")
        kept = scope.fresh("kept")
        scope.line(f"{kept} = np.flatnonzero(~{_flat(scope, outside, axes, task.box)})")
        places = f"{places}[{kept}]"
        source = source if isinstance(value, Scalar) else f"{source}[{kept}]"
    if task.op == "=":
        scope.line(f"{flat.source}[{places}] = {source}")
    elif task.op == "+" and is_injective(task.target, task.box):
        for line in _added_once(scope, task, flat.source, places, source, plain=outside is None):
            scope.line(line)
    else:
        scope.line(f"np.{COMBINE[task.op]}.at({flat.source}, {places}, {source})")
        scope.passing.append((iterator(AT),))
    for array in (position, value, outside):
        if isinstance(array, Array):
            scope.release(array)


def _added_once(scope: Scope, task: Task, flat: str, places: str, source: str, *, plain: bool) -> list[str]:
    """The lines that add to elements that are all different. In a plan that is kept they make no array."""
    kind = whole_array(scope, task.target.tensor).kind
    if not (scope.often and plain and kind == "real" and len(task.free) == 1):
        count_array(scope, task.free, task.box, kind)
        return [f"{flat}[{places}] += {source}"]
    picked = scope.temporary(task.free, task.box, kind)
    total = scope.beside(picked, task.box)
    for array in (picked, total):
        scope.release(array)
    return [
        f'{flat}.take({places}, out={picked.source}, mode="clip")',
        f"np.add({picked.source}, {source}, out={total.source})",
        f"{flat}[{places}] = {total.source}",
    ]


def _flat(scope: Scope, array: Array, axes: tuple[str, ...], box: Box) -> str:
    """An array over all of these axes as a vector."""
    if array.axes != axes or not array.whole:
        array = copied(scope, array, axes, box, array.kind)
    return grouped(scope, array, (axes,), box).source


def _flat_value(scope: Scope, value: Array | Scalar, axes: tuple[str, ...], box: Box, kind: str) -> str:
    if isinstance(value, Scalar):
        return scope.constant(value.source) if value.constant and kind == "real" else value.source
    if value.kind != kind:
        value = copied(scope, value, axes, box, kind)
    return _flat(scope, value, axes, box)
