"""The leaves of a statement as arrays: a view where there is one, else a padded copy, else a gather."""

from __future__ import annotations

from symnet.backends.numpy.domain import Task
from symnet.backends.numpy.print import factor_source, number_source
from symnet.backends.numpy.scope import Array, Box, Scalar, Scope
from symnet.backends.numpy.views import Dimension, affine_view, padded, stays_inside, tensor_kind, whole_array
from symnet.ir.affine import Affine
from symnet.ir.program import Access, Indirect
from symnet.language.extents import Extent


def operand(scope: Scope, task: Task, access: Access) -> Array | Scalar:
    """The values of an access over the indices that it mentions."""
    tensor = scope.program.tensors[access.tensor]
    if not tensor.extents:
        return Scalar(scope.names[access.tensor], tensor_kind(scope, access.tensor), atomic=True)
    if all(isinstance(place, Affine) for place in access.places):
        view = _view(scope, task, access)
        if view is not None:
            return view if view.axes else Scalar(view.source, view.kind, atomic=True)
    return gathered(scope, task, access)


def _view(scope: Scope, task: Task, access: Access) -> Array | None:
    tensor = scope.program.tensors[access.tensor]
    places = [place for place in access.places if isinstance(place, Affine)]
    inside = all(stays_inside(p, e, task.box) for p, e in zip(places, tensor.extents, strict=True))
    if inside or (access.default is None and not task.masks):
        dimensions = [Dimension(p, e) for p, e in zip(places, tensor.extents, strict=True)]
        return affine_view(scope, whole_array(scope, access.tensor), dimensions, task.box)
    found = padded(scope, access, task.box)
    return None if found is None else affine_view(scope, *found, task.box)


# --- gathers ---------------------------------------------------------------------------------------


def gathered(scope: Scope, task: Task, access: Access) -> Array | Scalar:
    """Any access at all, by taking elements at calculated positions into a temporary."""
    rows = _taken_rows(scope, task, access)
    if rows is not None:
        return rows
    base = whole_array(scope, access.tensor)
    if not access.indices:
        return _single(scope, task, access, base)
    position, outside = flat_position(scope, task, access)
    flat = scope.view(base, ".reshape(-1)", "flat", ("#",), whole=True) if len(base.axes) > 1 else base
    result = scope.temporary(position.axes, task.box, base.kind)
    scope.line(f'{flat.source}.take({position.source}, out={result.source}, mode="clip")')
    scope.release(position)
    if outside is not None:
        default = number_source(access.default if access.default is not None else 0)
        scope.line(f"np.copyto({result.source}, {default}, where={scope.aligned(outside, result.axes).source})")
        scope.release(outside)
    return result


def _taken_rows(scope: Scope, task: Task, access: Access) -> Array | None:
    """`E[ids[n], d]`: whole rows taken by one integer tensor, everything else plain."""
    tensor = scope.program.tensors[access.tensor]
    indirect = [k for k, place in enumerate(access.places) if isinstance(place, Indirect)]
    if len(indirect) != 1 or access.default is not None or len(access.places) == 1:
        return None
    number = indirect[0]
    place = access.places[number]
    plain = [p.plain if isinstance(p, Affine) else "" for p in access.places]
    others = [name for k, name in enumerate(plain) if k != number]
    full = all(name and task.box[name] == e for k, (name, e) in enumerate(zip(plain, tensor.extents)) if k != number)
    if not full or not isinstance(place, Indirect):
        return None
    index = index_values(scope, task, place)
    if isinstance(index, Scalar) or set(index.axes) & set(others) or len(set(others)) < len(others):
        return None
    check_range(scope, task, place, index, tensor.extents[number], access.tensor)
    axes = (*(n for n in plain[:number] if n), *index.axes, *(n for n in plain[number + 1 :] if n))
    base = whole_array(scope, access.tensor)
    result = scope.temporary(axes, task.box, base.kind)
    scope.line(f'{base.source}.take({index.source}, axis={number}, out={result.source}, mode="clip")')
    return result


def _single(scope: Scope, task: Task, access: Access, base: Array) -> Scalar:
    """One element at a position that no index of the domain moves."""
    source, inside = element_source(scope, task, access, base)
    if not inside:
        return Scalar(source, base.kind, atomic=True)
    default = number_source(access.default if access.default is not None else 0)
    return Scalar(f"{source} if {inside} else {default}", base.kind)


def element_source(scope: Scope, task: Task, access: Access, base: Array) -> tuple[str, str]:
    """One element as an expression, and the condition that it is in range where it may not be."""
    parts = []
    inside = []
    for place, extent in zip(access.places, scope.program.tensors[access.tensor].extents, strict=True):
        if isinstance(place, Affine):
            part = scope.extent(place.constant)
        else:
            index = index_values(scope, task, place)
            part = index.source
            if access.default is None:
                check_range(scope, task, place, index, extent, access.tensor)
        parts.append(part)
        if access.default is not None:
            inside.append(f"0 <= {part} < {scope.extent(extent)}")
    return f"{base.source}[{', '.join(parts)}]", " and ".join(inside)


def index_values(scope: Scope, task: Task, place: Indirect) -> Array | Scalar:
    """The values of the integer tensor behind an indirect place."""
    return operand(scope, task, Access(place.tensor, place.indices))


def check_range(scope: Scope, task: Task, place: Indirect, index: Array | Scalar, extent: Extent, tensor: str) -> None:
    """A line that raises where the values of an index leave 0..extent-1. Points that a mask excludes do not count."""
    if not place.checked:
        return
    values = index.source
    if task.masks and isinstance(index, Array):
        mask = scope.aligned(_any_mask(scope, task, index.axes), index.axes)
        values = f"{values}[np.broadcast_to({mask.source}, {values}.shape)]"
    line = f'_check_index({values}, {scope.extent(extent)}, "{place.tensor}", "{tensor}")'
    if line not in scope.checked:
        scope.checked.add(line)
        scope.line(line)


def _any_mask(scope: Scope, task: Task, axes: tuple[str, ...]) -> Array:
    """Whether any point of the domain with these indices passes the masks."""
    mask = mask_array(scope, task.masks, task.box)
    lost = [k for k, axis in enumerate(mask.axes) if axis not in axes]
    if not lost:
        return mask
    kept = tuple(axis for axis in mask.axes if axis in axes)
    return scope.view(mask, f".any(axis={tuple(lost)})", "any", kept, whole=True)


# --- positions -------------------------------------------------------------------------------------


def flat_position(scope: Scope, task: Task, access: Access) -> tuple[Array, Array | None]:
    """The positions of an access in its tensor, flattened, and where they are outside of it (None: nowhere).

    Positions outside are not clipped. The affine part is a constant of the plan.
    """
    tensor = scope.program.tensors[access.tensor]
    fixed = Affine()
    moving: list[tuple[Array | Scalar, Extent]] = []
    outside: list[Array] = []
    weight = Extent.of(1)
    for place, extent in reversed(list(zip(access.places, tensor.extents, strict=True))):
        may_leave = access.default is not None or bool(task.masks)
        if isinstance(place, Affine):
            fixed = fixed + place * weight
            if may_leave and not stays_inside(place, extent, task.box):
                outside.append(_outside_affine(scope, place, extent, task.box))
        else:
            index = index_values(scope, task, place)
            if access.default is None:
                check_range(scope, task, place, index, extent, access.tensor)
            else:
                outside.append(_outside_values(scope, index, extent, task.box))
            moving.append((index, weight))
        weight = weight * extent
    position = _sum_positions(scope, task, access.indices, fixed, moving)
    return position, _either(scope, outside, task.box)


def affine_values(scope: Scope, place: Affine, box: Box) -> Array:
    """The values of an affine expression over its indices, as a constant of the plan."""
    axes = place.indices
    parts = []
    for name, coefficient in place.terms:
        tail = axes[axes.index(name) + 1 :]
        part = f"np.arange({scope.extent(box[name])})" + (f"[:{', None' * len(tail)}]" if tail else "")
        parts.append(part if coefficient.constant == 1 else f"{factor_source(coefficient, scope.names)} * {part}")
    if place.constant.terms:
        parts.append(scope.extent(place.constant))
    source = scope.bind("position", " + ".join(parts))
    return Array(source, axes, "int", fixed=True, whole=True)


def _sum_positions(
    scope: Scope, task: Task, indices: tuple[str, ...], fixed: Affine, moving: list[tuple[Array | Scalar, Extent]]
) -> Array:
    axes = tuple(name for name in task.box if name in indices)
    arrays = [affine_values(scope, fixed, task.box)] if fixed.terms else []
    numbers = [scope.extent(fixed.constant)] if fixed.constant.terms and not fixed.terms else []
    for index, weight in moving:
        scaled = index if weight.constant == 1 else _scaled(scope, task, index, weight)
        if isinstance(scaled, Array):
            arrays.append(scaled)
        else:
            numbers.append(scaled.source)
    total = arrays[0]
    for other in arrays[1:]:
        total = _added(scope, task, total, other, axes)
    if numbers:
        total = _added(scope, task, total, " + ".join(numbers), axes)
    return scope.transposed(total, tuple(axis for axis in axes if axis in total.axes))


def _scaled(scope: Scope, task: Task, index: Array | Scalar, weight: Extent) -> Array | Scalar:
    factor = factor_source(weight, scope.names)
    if isinstance(index, Scalar):
        return Scalar(f"{index.operand} * {factor}", "int")
    result = scope.temporary(index.axes, task.box, "int")
    scope.line(f"np.multiply({index.source}, {factor}, out={result.source})")
    return result


def _added(scope: Scope, task: Task, total: Array, other: Array | str, order: tuple[str, ...]) -> Array:
    """total + other, in place where one of them is a temporary that is large enough."""
    arrays = [array for array in (total, other) if isinstance(array, Array)]
    axes = tuple(name for name in order if any(name in array.axes for array in arrays))
    sources = [scope.aligned(array, axes).source for array in arrays]
    if isinstance(other, str):
        sources.append(other)
    reuse = next((array for array in arrays if array.temp and array.axes == axes), None)
    result = reuse if reuse is not None else scope.temporary(axes, task.box, "int")
    scope.line(f"np.add({', '.join(sources)}, out={result.source})")
    for array in arrays:
        if array is not result:
            scope.release(array)
    return result


def _outside_affine(scope: Scope, place: Affine, extent: Extent, box: Box) -> Array:
    values = affine_values(scope, place, box)
    source = f"({values.source} < 0) | ({values.source} >= {scope.extent(extent)})"
    return Array(scope.bind("outside", source), values.axes, "bool", fixed=True, whole=True)


def _outside_values(scope: Scope, index: Array | Scalar, extent: Extent, box: Box) -> Array:
    """Where run-time values leave the range: as unsigned numbers, negative ones are large."""
    if isinstance(index, Scalar):
        source = f"np.array(not 0 <= {index.source} < {scope.extent(extent)})"
        return Array(source, (), "bool")
    result = scope.temporary(index.axes, box, "bool")
    text = f"{index.source}.view(np.uintp)" if index.whole else f"{index.source}.astype(np.uintp)"
    scope.line(f"np.greater_equal({text}, np.uintp({scope.extent(extent)}), out={result.source})")
    return result


def _either(scope: Scope, masks: list[Array], box: Box) -> Array | None:
    if not masks:
        return None
    total = masks[0]
    for mask in masks[1:]:
        axes = tuple(name for name in box if name in total.axes or name in mask.axes)
        left, right = scope.aligned(total, axes).source, scope.aligned(mask, axes).source
        if total.fixed and mask.fixed and not total.temp and not mask.temp:
            total = Array(scope.bind("outside", f"{left} | {right}"), axes, "bool", fixed=True, whole=True)
            continue
        result = scope.temporary(axes, box, "bool")
        scope.line(f"np.logical_or({left}, {right}, out={result.source})")
        scope.release(total)
        scope.release(mask)
        total = result
    return total


# --- masks -----------------------------------------------------------------------------------------


def mask_array(scope: Scope, guards: tuple[Affine, ...], box: Box) -> Array:
    """Where all of some guards hold, as a constant of the plan over the indices that they mention."""
    axes = tuple(name for name in box if any(name in guard.indices for guard in guards))
    parts = []
    for guard in guards:
        if not guard.terms:
            parts.append(f"np.array({scope.extent(guard.constant)} >= 0)")
            continue
        values = affine_values(scope, guard, box)
        parts.append(f"({scope.aligned(values, axes).source} >= 0)")
    source = parts[0][1:-1] if len(parts) == 1 and parts[0].startswith("(") else " & ".join(parts)
    return Array(scope.bind("inside", source), axes, "bool", fixed=True, whole=True)
