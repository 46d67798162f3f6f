"""The leaves of a statement as arrays: a view where there is one, else a padded copy, else a gather."""

from __future__ import annotations

from dataclasses import replace

from symnet.backends.numpy.domain import Task
from symnet.backends.numpy.passing import count_array, count_call
from symnet.backends.numpy.print import number_source
from symnet.backends.numpy.reduction import copied
from symnet.backends.numpy.scope import Array, Box, Scalar, Scope
from symnet.backends.numpy.views import (
    ONE,
    Dimension,
    affine_view,
    padded,
    stays_inside,
    tensor_kind,
    turned,
    whole_array,
)
from symnet.ir.affine import Affine
from symnet.ir.program import Access, Indirect
from symnet.language.extents import Extent
from symnet.planning.footprint import Made
from symnet.planning.windows import windowed


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
    found = base_of(scope, task, access)
    return None if found is None else affine_view(scope, *found, task.box)


def base_of(scope: Scope, task: Task, access: Access) -> tuple[Array, list[Dimension]] | None:
    """The array that an affine access is a view of, padded and turned where that is needed, and the places in it."""
    tensor = scope.program.tensors[access.tensor]
    places = [place for place in access.places if isinstance(place, Affine)]
    inside = all(stays_inside(p, e, task.box) for p, e in zip(places, tensor.extents, strict=True))
    if inside and access.tensor in scope.orders:
        copy = turned(scope, access)
        if copy is not None:
            return copy
    turning = access.tensor in scope.orders and windowed(access, task.box)
    if (inside and not turning) or (access.default is None and not task.masks):
        dimensions = [Dimension(p, e) for p, e in zip(places, tensor.extents, strict=True)]
        return whole_array(scope, access.tensor), dimensions
    return padded(scope, access, task.box)


# --- gathers ---------------------------------------------------------------------------------------


def gathered(scope: Scope, task: Task, access: Access) -> Array | Scalar:
    """Any access at all, by taking elements at calculated positions into a temporary. Once in a statement."""
    if access not in scope.gathered:
        found = _taken_rows(scope, task, access) or _taken(scope, task, access)
        scope.gathered[access] = scope.pin(found) if isinstance(found, Array) else found
    return scope.gathered[access]


def _taken(scope: Scope, task: Task, access: Access) -> Array | Scalar:
    base = whole_array(scope, access.tensor)
    if not access.indices:
        return _single(scope, task, access, base)
    position, outside = flat_position(scope, task, access)
    if outside is not None and not set(outside.axes) <= set(position.axes):
        position = copied(scope, position, tuple(n for n in task.box if n in access.indices), task.box, "int")
    flat = scope.view(base, ".reshape(-1)", "flat", ("#",), whole=True) if len(base.axes) > 1 else base
    result = scope.temporary(position.axes, task.box, base.kind)
    scope.line(f'{flat.source}.take({position.source}, out={result.source}, mode="clip")')
    scope.release(position)
    if outside is not None:
        default = number_source(access.default if access.default is not None else 0)
        scope.line(f"np.copyto({result.source}, {default}, where={scope.aligned(outside, result.axes).source})")
    return result


def _taken_rows(scope: Scope, task: Task, access: Access) -> Array | None:
    """`E[ids[n], d]`: whole rows taken by one integer tensor, everything else plain."""
    tensor = scope.program.tensors[access.tensor]
    indirect = [k for k, place in enumerate(access.places) if isinstance(place, Indirect)]
    if len(indirect) != 1 or len(access.places) == 1:
        return None
    number = indirect[0]
    place = access.places[number]
    plain = [p.plain if isinstance(p, Affine) else "" for p in access.places]
    others = [name for k, name in enumerate(plain) if k != number]
    full = all(
        name and task.box[name] == e
        for k, (name, e) in enumerate(zip(plain, tensor.extents, strict=True))
        if k != number
    )
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
    return Scalar(element_source(scope, task, access, base), base.kind, atomic=True)


def element_source(scope: Scope, task: Task, access: Access, base: Array) -> str:
    """One element as an expression."""
    parts = []
    for place, extent in zip(access.places, scope.program.tensors[access.tensor].extents, strict=True):
        if isinstance(place, Affine):
            parts.append(scope.extent(place.constant))
            continue
        index = index_values(scope, task, place)
        check_range(scope, task, place, index, extent, access.tensor)
        parts.append(index.source)
    return f"{base.source}[{', '.join(parts)}]"


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
        count_array(scope, index.axes, task.box, "int")
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
    source = f"{mask.source}.any(axis={tuple(lost)})"
    name = scope.bind(f"{mask.source}_any", source, made=_table(kept, task.box, "bool"))
    return Array(name, kept, "bool", fixed=True, whole=True)


# --- positions -------------------------------------------------------------------------------------


def flat_position(scope: Scope, task: Task, access: Access) -> tuple[Array, Array | None]:
    """The positions of an access in its tensor, flattened, and where they are outside of it (None: nowhere).

    Positions outside are not clipped. The affine part is a constant of the plan. Positions that cannot be outside are
    kept: the next statement with the same places in a tensor of the same shape finds them calculated.
    """
    places, extents = access.places, scope.program.tensors[access.tensor].extents
    outside = _outside(scope, task, access)
    key, numbered = _position_key(task, access, extents)
    if key in scope.positions:
        known = scope.positions[key]
        return replace(known, axes=tuple(numbered[int(axis)] for axis in known.axes)), outside
    fixed = Affine()
    moving: list[tuple[Array | Scalar, Extent]] = []
    weight = Extent.of(1)
    for place, extent in reversed(list(zip(places, extents, strict=True))):
        if isinstance(place, Affine):
            fixed = fixed + place * weight
        else:
            moving.append((index_values(scope, task, place), weight))
        weight = weight * extent
    stem = next((f"{scope.names[place.tensor]}_position" for place in places if isinstance(place, Indirect)), "")
    lasting = outside is None and not task.masks
    position = _sum_positions(scope, task, access.indices, fixed, moving, stem if lasting else "")
    if lasting:
        scope.positions[key] = replace(position, axes=tuple(str(numbered.index(axis)) for axis in position.axes))
    return position, outside


def _position_key(task: Task, access: Access, extents: tuple[Extent, ...]) -> tuple[object, tuple[str, ...]]:
    """What a position depends on but for the names of its indices, and the names in the order of their numbers."""
    names = tuple(name for name in task.box if name in access.indices)
    places = access.substitute({name: Affine.index(str(k)) for k, name in enumerate(names)}).places
    return (places, extents[1:], tuple(task.box[name] for name in names)), names


def _outside(scope: Scope, task: Task, access: Access) -> Array | None:
    """Where an access leaves its tensor; the lines that raise where it must not."""
    found: list[Array] = []
    for place, extent in zip(access.places, scope.program.tensors[access.tensor].extents, strict=True):
        if isinstance(place, Affine):
            if (access.default is not None or task.masks) and not stays_inside(place, extent, task.box):
                found.append(_outside_affine(scope, place, extent, task.box))
            continue
        check_range(scope, task, place, index_values(scope, task, place), extent, access.tensor)
    return _either(scope, found, task.box)


def affine_values(scope: Scope, place: Affine, box: Box) -> Array:
    """The values of an affine expression over its indices, as a constant of the plan."""
    axes = place.indices
    parts = []
    for name, coefficient in place.terms:
        tail = axes[axes.index(name) + 1 :]
        part = f"np.arange({scope.extent(box[name])})" + (f"[:{', None' * len(tail)}]" if tail else "")
        parts.append(part if coefficient.constant == 1 else f"{scope.factor(coefficient)} * {part}")
    if place.constant.terms:
        parts.append(scope.extent(place.constant))
    source = scope.bind("position", " + ".join(parts), made=_table(axes, box, "int"))
    return Array(source, axes, "int", fixed=True, whole=True)


def _sum_positions(
    scope: Scope,
    task: Task,
    indices: tuple[str, ...],
    fixed: Affine,
    moving: list[tuple[Array | Scalar, Extent]],
    stem: str,
) -> Array:
    """The sum of the parts of a position, in a buffer of its own with this stem, or in a temporary without one."""
    axes = tuple(name for name in task.box if name in indices)
    arrays: list[tuple[Array, Extent]] = []
    numbers = [scope.extent(fixed.constant)] if fixed.constant.terms and not fixed.terms else []
    if fixed.terms:
        arrays.append((affine_values(scope, fixed, task.box), ONE))
    for index, weight in moving:
        if isinstance(index, Array):
            arrays.append((index, weight))
        else:
            factor = "" if weight.constant == 1 else f" * {scope.factor(weight)}"
            numbers.append(f"{index.operand if factor else index.source}{factor}")
    if not arrays:  # indices may cancel, as in A[i, -i] of a matrix with one column
        zeros = f"np.zeros({scope.shape(task.box[name] for name in axes)}, np.intp)"
        source = scope.bind("position", zeros, made=_table(axes, task.box, "int"))
        arrays.append((Array(source, axes, "int", fixed=True, whole=True), ONE))
    only = len(arrays) == 1 and not numbers
    total = _scaled(scope, task, *arrays[0], stem if only else "")
    terms: list[Array | str] = [_scaled(scope, task, *pair, "") for pair in arrays[1:]]
    terms += [" + ".join(numbers)] if numbers else []
    for number, term in enumerate(terms):
        total = _added(scope, task, total, term, axes, stem if number == len(terms) - 1 else "")
    return scope.transposed(total, tuple(axis for axis in axes if axis in total.axes))


def _buffer(scope: Scope, task: Task, axes: tuple[str, ...], stem: str) -> Array:
    return scope.own(stem, axes, task.box, "int") if stem else scope.temporary(axes, task.box, "int")


def _scaled(scope: Scope, task: Task, index: Array, weight: Extent, stem: str) -> Array:
    if weight.constant == 1:
        return index
    result = _buffer(scope, task, index.axes, stem)
    scope.line(f"np.multiply({index.source}, {scope.stride(weight)}, out={result.source})")
    count_call(scope, [index], result, task.box)
    return result


def _added(scope: Scope, task: Task, total: Array, other: Array | str, order: tuple[str, ...], stem: str) -> Array:
    """total + other, in place where one of them is a temporary that is large enough."""
    arrays = [array for array in (total, other) if isinstance(array, Array)]
    axes = tuple(name for name in order if any(name in array.axes for array in arrays))
    sources = [scope.aligned(array, axes).source for array in arrays]
    if isinstance(other, str):
        sources.append(other)
    reuse = None if stem else next((array for array in arrays if array.temp and array.axes == axes), None)
    result = reuse if reuse is not None else _buffer(scope, task, axes, stem)
    scope.line(f"np.add({', '.join(sources)}, out={result.source})")
    count_call(scope, arrays, result, task.box)
    for array in arrays:
        if array is not result:
            scope.release(array)
    return result


def _outside_affine(scope: Scope, place: Affine, extent: Extent, box: Box) -> Array:
    values = affine_values(scope, place, box)
    source = f"({values.source} < 0) | ({values.source} >= {scope.extent(extent)})"
    name = scope.bind("outside", source, made=_table(values.axes, box, "bool"))
    return Array(name, values.axes, "bool", fixed=True, whole=True)


def _either(scope: Scope, masks: list[Array], box: Box) -> Array | None:
    """Where any of some constant masks holds."""
    if len(masks) < 2:
        return masks[0] if masks else None
    axes = tuple(name for name in box if any(name in mask.axes for mask in masks))
    source = " | ".join(scope.aligned(mask, axes).source for mask in masks)
    name = scope.bind("outside", source, made=_table(axes, box, "bool"))
    return Array(name, axes, "bool", fixed=True, whole=True)


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
    name = scope.bind("inside", source, made=_table(axes, box, "bool"))
    return Array(name, axes, "bool", fixed=True, whole=True)


def _table(axes: tuple[str, ...], box: Box, kind: str) -> tuple[Made, ...]:
    """The memory of a constant of the plan over these axes."""
    return (Made.of((box[axis] for axis in axes), kind),)
