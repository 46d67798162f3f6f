"""Affine accesses as strided views: the readable ones by slicing, the others by their strides.

A view's axes are the indices that the places mention. Nothing here copies, but for `reshape` of an array that the
caller gave with unusual strides, and but for `padded`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from symnet.backends.numpy.print import number_source, slice_source, tuple_source
from symnet.backends.numpy.scope import DTYPES, Array, Box, Scope
from symnet.ir.affine import Affine
from symnet.ir.program import Access
from symnet.language.extents import Extent
from symnet.planning.contractions import nominal
from symnet.planning.costs import volume
from symnet.planning.footprint import Made
from symnet.planning.rows import REFILLED

ONE = Extent.of(1)

# The key under which a copy with dimensions in another order is known.
TURNED = "turned"


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension of the array that a view is taken of, and the place read in it."""

    place: Affine
    extent: Extent


def tensor_kind(scope: Scope, tensor: str) -> str:
    """The kind of a tensor's elements."""
    return "int" if scope.program.tensors[tensor].integer else "real"


def whole_array(scope: Scope, tensor: str) -> Array:
    """A tensor's array before any view is taken; its axes are named by number."""
    name = scope.names[tensor]
    axes = tuple(f"#{k}" for k in range(len(scope.program.tensors[tensor].extents)))
    fixed = name in scope.setup or name in scope.held
    storage = name if name in scope.held else scope.storage.get(tensor, "")
    return Array(name, axes, tensor_kind(scope, tensor), storage, fixed, whole=True)


def affine_view(scope: Scope, base: Array, dimensions: list[Dimension], box: Box) -> Array | None:
    """The view of an array at affine places that stay in range; None where a sign is not known."""
    if any(c.constant is None and not c.at_least(1) for d in dimensions for _, c in d.place.terms):
        return None
    strides = _nominal_strides(dimensions)
    view = _affine_view(scope, base, dimensions, box)
    return replace(view, strides=tuple((axis, strides[axis]) for axis in view.axes))


def _nominal_strides(dimensions: list[Dimension]) -> dict[str, int]:
    """How many elements lie between two neighbours along each index, for an array that lies in order."""
    strides: dict[str, int] = {}
    weight = 1
    for d in reversed(dimensions):
        for name, coefficient in d.place.terms:
            step = nominal(coefficient) if coefficient.at_least(0) else -nominal(-coefficient)
            strides[name] = strides.get(name, 0) + step * weight
        weight *= nominal(d.extent)
    return strides


def _affine_view(scope: Scope, base: Array, dimensions: list[Dimension], box: Box) -> Array:
    split = _split_joined(scope, base, dimensions, box)
    if split is not None:
        base, dimensions = split
    used = [name for d in dimensions for name in d.place.indices]
    if any(len(d.place.terms) > 1 for d in dimensions) or len(set(used)) < len(used):
        return _by_strides(scope, base, dimensions, box)
    return _by_slices(scope, base, dimensions, box)


# --- slices ----------------------------------------------------------------------------------------


def _by_slices(scope: Scope, base: Array, dimensions: list[Dimension], box: Box) -> Array:
    parts = [_slice(scope, d, box) for d in dimensions]
    axes = tuple(d.place.indices[0] for d in dimensions if d.place.terms)
    first = _trimmed([part for part, _ in parts])
    whole = base.whole and all(part == ":" for part in first[1:]) and first[0].count(":") < 2
    if not axes:  # a number, which the plan cannot hold before it is calculated
        return replace(base, source=f"{base.source}[{', '.join(first)}]", axes=axes, fixed=False)
    if first == [":"]:
        view = scope.view(base, "", "", axes, whole=base.whole)
    else:
        stem = _stem(scope, dimensions) or ("row" if not any(":" in part for part in first) else "part")
        view = scope.view(base, f"[{', '.join(first)}]", stem, axes, whole=whole)
    steps = _trimmed([step for d, (_, step) in zip(dimensions, parts, strict=True) if d.place.terms])
    return view if not steps or steps == [":"] else scope.view(view, f"[{', '.join(steps)}]", "flip", axes)


def _stem(scope: Scope, dimensions: list[Dimension]) -> str:
    """What a view at the time of a loop is called by: `h_t`, `h_before`, `h_after`."""
    for dimension in dimensions:
        for size, time in scope.times.items():
            lag = (dimension.place.constant - Extent.size(size) + 1).constant
            if lag is not None and not dimension.place.terms:
                return {0: scope.names[time], -1: "before", 1: "after"}.get(lag, "")
    return ""


def _trimmed(parts: list[str]) -> list[str]:
    """Without the colons at the end, but at least one part."""
    while len(parts) > 1 and parts[-1] == ":":
        parts.pop()
    return parts or [":"]


def _slice(scope: Scope, dimension: Dimension, box: Box) -> tuple[str, str]:
    """The part of an indexing expression for one dimension, and the step backwards that has to follow it."""
    place = dimension.place
    if not place.terms:
        return scope.extent(place.constant), ":"
    ((name, step),) = place.terms
    length = box[name]
    if step.constant is not None and step.constant < 0:
        span = (length - 1) * -step
        forward = Affine(((name, ONE),), place.constant - span)
        part, _ = _slice(scope, Dimension(forward, dimension.extent), {name: span + 1})
        return part, "::-1" if step.constant == -1 else f"::{step.constant}"
    start, stop = place.constant, place.constant + length * step
    past_end = stop.at_least(dimension.extent)
    first = scope.extent(start) if start.terms else ""
    last = "" if past_end else scope.extent(stop)
    return slice_source(first, last, "" if step.constant == 1 else scope.extent(step)), ":"


# --- joined indices --------------------------------------------------------------------------------


def _split_joined(
    scope: Scope, base: Array, dimensions: list[Dimension], box: Box
) -> tuple[Array, list[Dimension]] | None:
    """A dimension read at h*K + k, for all h and k, is two dimensions of a reshaped array."""
    split = [d.place.joined(box, d.extent) if len(d.place.terms) > 1 else None for d in dimensions]
    if not base.whole or not any(split):
        return None
    result: list[Dimension] = []
    for d, names in zip(dimensions, split, strict=True):
        if names is None:
            result.append(d)
        else:
            result += [Dimension(Affine.index(name), box[name]) for name in names]
    axes = tuple(f"#{k}" for k in range(len(result)))
    shape = scope.shape(d.extent for d in result)
    return scope.view(base, f".reshape{shape}", "split", axes, whole=True), result


# --- strides ---------------------------------------------------------------------------------------


def _by_strides(scope: Scope, base: Array, dimensions: list[Dimension], box: Box) -> Array:
    """Any affine access: diagonals, windows and what is left."""
    starts = _trimmed([_start(scope, d.place.constant) for d in dimensions])
    axes = tuple(dict.fromkeys(name for d in dimensions for name, _ in _steepest_first(d.place)))
    strides = [_stride(scope, base, dimensions, name) for name in axes]
    origin = base.source if starts == [":"] else f"{base.source}[{', '.join(starts)}]"
    shape = tuple_source(scope.extent(box[name]) for name in axes)
    source = f"np.lib.stride_tricks.as_strided({origin}, {shape}, {tuple_source(strides)})"
    if base.fixed:
        source = scope.bind(f"{base.source}_view", source)
    return Array(source, axes, base.kind, base.storage, base.fixed)


def _start(scope: Scope, constant: Extent) -> str:
    return slice_source(scope.extent(constant), "") if constant.terms else ":"


def _steepest_first(place: Affine) -> list[tuple[str, Extent]]:
    return sorted(place.terms, key=lambda term: -abs(term[1].constant or 1 << 40))


def _stride(scope: Scope, base: Array, dimensions: list[Dimension], name: str) -> str:
    parts = []
    for number, d in enumerate(dimensions):
        coefficient = d.place.coefficient(name)
        stride = f"{base.source}.strides[{number}]"
        if coefficient.constant == 1:
            parts.append(stride)
        elif coefficient.terms:
            parts.append(f"{scope.factor(coefficient)} * {stride}")
    return " + ".join(parts)


# --- padding ---------------------------------------------------------------------------------------


def stays_inside(place: Affine, extent: Extent, box: Box) -> bool:
    """Whether a place is proved to be in range all over the box."""
    if place.plain is not None and box[place.plain] == extent:
        return True
    bounds = place.bounds(box)
    return bounds is not None and bounds[0].at_least(0) and (extent - 1).at_least(bounds[1])


def margins(scope: Scope, place: Affine, extent: Extent, box: Box) -> tuple[Extent, Extent] | None:
    """How far a place can leave the range 0..extent-1 below and above; None where that is not known."""
    bounds = place.bounds(box)
    if bounds is None or any(scope.is_moving(bound) for bound in bounds):
        return None
    return _positive_part(scope, -bounds[0]), _positive_part(scope, bounds[1] - (extent - 1))


def _positive_part(scope: Scope, extent: Extent) -> Extent:
    if (-extent).at_least(0):
        return Extent()
    if extent.at_least(0):
        return extent
    return scope.length("margin_end", ((ONE,), (extent + 1,)))


def padded(scope: Scope, access: Access, box: Box) -> tuple[Array, list[Dimension]] | None:
    """A copy of a tensor with its default around it, wide enough for every place of the box, and the places in it.

    Dimensions that are read at one place are cut out before. The border is filled once, in the plan; the copy is made
    where the block runs, with the dimensions in the order in which windows are best read. None where no width is known.
    """
    tensor = scope.program.tensors[access.tensor]
    places = [place for place in access.places if isinstance(place, Affine)]
    pairs = [Dimension(p, e) for p, e in zip(places, tensor.extents, strict=True)]
    cut = [not d.place.terms and (access.default is None or stays_inside(d.place, d.extent, box)) for d in pairs]
    order = scope.orders.get(access.tensor) or tuple(range(len(pairs)))
    base = _cut_out(scope, whole_array(scope, access.tensor), pairs, cut)
    kept = [d for d, gone in enumerate(cut) if not gone]
    base = scope.transposed(base.renamed(tuple(f"#{d}" for d in kept)), tuple(f"#{d}" for d in order if d in kept))
    moving = [pairs[d] for d in order if d in kept]
    widths = []
    for d in moving:
        bounds = d.place.bounds(box)
        if bounds is None or any(scope.is_moving(bound) for bound in bounds):
            return None
        widths.append((_positive_part(scope, -bounds[0]), _positive_part(scope, bounds[1] - (d.extent - 1))))
    default = access.default if access.default is not None else 0
    key = (base.source, tuple(widths), default)
    if key not in scope.padded:
        bare = not any(width.terms for pair in widths for width in pair)
        stem = f"{scope.names[access.tensor]}_{'turned' if bare else 'padded'}"
        scope.padded[key] = _copy_into_border(scope, base, stem, moving, widths, number_source(default))
        if access.tensor in scope.orders and not any(cut):
            inner = inner_view(scope, scope.padded[key], [d.extent for d in moving], widths)
            scope.padded[TURNED, access.tensor] = inner
    wide = [Dimension(d.place + low, low + d.extent + high) for d, (low, high) in zip(moving, widths, strict=True)]
    return scope.padded[key], wide


def turned(scope: Scope, access: Access) -> tuple[Array, list[Dimension]] | None:
    """A copy with dimensions in another order, made before for windows, and the places in it; None without one."""
    copy = scope.padded.get((TURNED, access.tensor))
    if copy is None:
        return None
    extents = scope.program.tensors[access.tensor].extents
    pairs = [Dimension(p, e) for p, e in zip(access.places, extents, strict=True) if isinstance(p, Affine)]
    return copy, [pairs[d] for d in scope.orders[access.tensor]]


def _cut_out(scope: Scope, base: Array, dimensions: list[Dimension], cut: list[bool]) -> Array:
    """The array at one place of each dimension that is cut, all of the others."""
    if not any(cut):
        return base
    names = [f"#{k}" for k in range(len(dimensions))]
    kept = [
        d if gone else Dimension(Affine.index(name), d.extent)
        for d, gone, name in zip(dimensions, cut, names, strict=True)
    ]
    return _by_slices(scope, base, kept, {name: d.extent for name, d in zip(names, dimensions, strict=True)})


def _copy_into_border(
    scope: Scope,
    source: Array,
    stem: str,
    dimensions: list[Dimension],
    widths: list[tuple[Extent, Extent]],
    default: str,
) -> Array:
    extents = [d.extent for d in dimensions]
    wide = tuple(low + e + high for e, (low, high) in zip(extents, widths, strict=True))
    axes = tuple(f"#{k}" for k in range(len(extents)))
    base = filled(scope, stem, axes, wide, source.kind, "" if wide == tuple(extents) else default)
    scope.line(f"{inner_view(scope, base, extents, widths).source}[...] = {source.source}")
    return base


def filled(scope: Scope, stem: str, axes: tuple[str, ...], extents: tuple[Extent, ...], kind: str, value: str) -> Array:
    """An array of the plan with this value wherever nothing else is written; an empty value: everywhere something is.

    A small one is filled once, in the plan. A large one shares memory and is filled anew.
    """
    name = scope.fresh(stem)
    if value and (scope.looping or not scope.often or not REFILLED(nominal(volume(extents)))):
        shape = scope.shape(extents)
        made = f"np.zeros({shape}" if value == "0" else f"np.full({shape}, {value}"
        scope.define(name, f"{made}, {DTYPES[kind]})", made=(Made.of(extents, kind),))
    else:
        scope.buffer(name, extents, kind)
        if value:
            scope.line(f"{name}.fill({value})")
    return Array(name, axes, kind, name, fixed=True, whole=True)


def inner_view(scope: Scope, base: Array, extents: Sequence[Extent], widths: list[tuple[Extent, Extent]]) -> Array:
    """The part of a padded array inside of its margins."""
    box = {f"#{k}": e for k, e in enumerate(extents)}
    dimensions = [
        Dimension(Affine.index(f"#{k}") + low, low + e + high)
        for k, (e, (low, high)) in enumerate(zip(extents, widths, strict=True))
    ]
    return _by_slices(scope, base, dimensions, box)
