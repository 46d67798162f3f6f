"""The equations of one tensor must cover it, each place once."""

from __future__ import annotations

from dataclasses import dataclass

from symnet.errors import Place, SpecError
from symnet.language.extents import Extent
from symnet.language.symbols import Draft, Registry, Span, Tensor


@dataclass(frozen=True, slots=True)
class _Box:
    """Where one equation writes: a half-open range for each axis."""

    ranges: tuple[tuple[Extent, Extent], ...]
    place: Place


def check_cover(registry: Registry, tensor: Tensor) -> None:
    """Raises SpecError where equations overlap or leave a gap.

    What depends on sizes and cannot be told becomes a condition for run time where one equation covers the tensor
    alone, and is an error where several share it.
    """
    boxes = [_box(draft) for draft in tensor.drafts if not draft.scatter]
    shape = tensor.shape or ()
    if len(boxes) == 1:
        for axis, (low, high) in enumerate(boxes[0].ranges):
            message = f"nothing defines a part of dimension {axis + 1} of {tensor.name}{tensor.shown()}"
            registry.require(low, "==", Extent(), message, boxes[0].place)
            registry.require(high, "==", shape[axis], message, boxes[0].place)
        return
    if boxes and not shape:
        raise SpecError(f"{tensor.name!r} is defined twice", boxes[1].place, also=boxes[0].place)
    _cover(tensor, boxes, 0)


def _box(draft: Draft) -> _Box:
    return _Box(tuple(_range(draft, span) for span in draft.spans), draft.place)


def _range(draft: Draft, span: Span) -> tuple[Extent, Extent]:
    length = Extent.of(1)
    for name in span.indices:
        length = length * draft.extents[name].extent
    low = span.low or Extent()
    return low, low + length


def _cover(tensor: Tensor, boxes: list[_Box], axis: int) -> None:
    shape = tensor.shape or ()
    if axis == len(shape):
        if len(boxes) > 1:
            message = f"two equations define the same part of {tensor.name!r}"
            raise SpecError(message, boxes[1].place, also=boxes[0].place)
        return
    cuts = _sorted_cuts(tensor, boxes, axis)
    position = {cut: number for number, cut in enumerate(cuts)}
    ranges = [(position[box.ranges[axis][0]], position[box.ranges[axis][1]]) for box in boxes]
    if cuts[0] != Extent() or cuts[-1] != shape[axis]:
        raise _gap(
            tensor,
            boxes,
            axis,
            Extent() if cuts[0] != Extent() else cuts[-1],
            cuts[0] if cuts[0] != Extent() else shape[axis],
        )
    for number, (low, high) in enumerate(zip(cuts, cuts[1:], strict=False)):
        inside = [box for box, (start, end) in zip(boxes, ranges, strict=True) if start <= number < end]
        if not inside:
            raise _gap(tensor, boxes, axis, low, high)
        _cover(tensor, inside, axis + 1)


def _gap(tensor: Tensor, boxes: list[_Box], axis: int, low: Extent, high: Extent) -> SpecError:
    message = f"no equation defines {low}..{high} of dimension {axis + 1} of {tensor.name}{tensor.shown()}"
    return SpecError(message, boxes[-1].place)


def _sorted_cuts(tensor: Tensor, boxes: list[_Box], axis: int) -> list[Extent]:
    """Where ranges begin and end, in order. Raises SpecError where the order depends on sizes."""
    cuts = list(dict.fromkeys(end for box in boxes for end in box.ranges[axis]))
    constants = [cut.constant for cut in cuts]
    if all(constant is not None for constant in constants):
        return sorted(cuts, key=lambda cut: cut.constant or 0)
    ordered: list[Extent] = []
    for cut in cuts:
        place = 0
        while place < len(ordered) and cut.at_least(ordered[place]):
            place += 1
        if any(not after.at_least(cut) for after in ordered[place:]):
            message = f"it cannot be told which of the ranges of {tensor.name!r} comes first: {cut} or {ordered[place]}"
            raise SpecError(message, boxes[-1].place)
        ordered.insert(place, cut)
    return ordered
