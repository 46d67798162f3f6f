"""Sums of products through windows of 3 x 3 places by tiles that take fewer products (planning/winograd.py).

    winograd = _Winograd(t0, 4, (16, 16), (16, 16), (-1, -1), (32, 32))
    winograd.correlate(x, w.transpose(2, 3, 1, 0), y)

The helper of the emitted module has the views of all parts and the sums to make of them, made once for each number of
images that it meets.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from symnet.backends.numpy.contraction import scaled
from symnet.backends.numpy.domain import Task, two_tensors
from symnet.backends.numpy.operands import operand
from symnet.backends.numpy.passing import BUFFER, iterator
from symnet.backends.numpy.scope import Array, Scalar, Scope
from symnet.backends.numpy.views import padded, turned, whole_array
from symnet.language.extents import Extent
from symnet.planning.footprint import Made
from symnet.planning.winograd import TRANSFORM, Tiling, tiling_of, tiling_pays


def tiled_product(
    scope: Scope, task: Task, factors: list[sp.Expr], out: Array | None, scale: Scalar | None
) -> Array | Scalar | None:
    """The sum of the product of two tensors over tiles; None where it is no such sum, or where that would be slower."""
    for big, small in two_tensors(task, factors):
        tiling = tiling_of(big, small, task.target, task.box, scope.program.tensors[big.tensor].extents)
        if tiling is not None and tiling_pays(tiling, task.box):
            found = _tiled(scope, task, tiling, out)
            return found if scale is None else scaled(scope, found, scale, task.box, out)
    return None


def _tiled(scope: Scope, task: Task, tiling: Tiling, out: Array | None) -> Array:
    image_axes = (tiling.lead, *tiling.stand, tiling.channels)
    kernel_axes = (*tiling.through, tiling.channels, tiling.columns)
    result_axes = (tiling.lead, *tiling.stand, tiling.columns)
    images = scope.transposed(_images(scope, task, tiling), image_axes)
    own, other = (kernel_axes, result_axes) if tiling.gradient else (result_axes, kernel_axes)
    place = out if out is not None and out.kind == "real" else scope.temporary(own, task.box, "real")
    given = operand(scope, task, tiling.results if tiling.gradient else tiling.kernel)
    assert isinstance(given, Array)
    memory = scope.temporary(("#",), {"#": Extent.of(tiling.memory)}, "real")
    parts = (memory.source, tiling.block, tiling.places, tiling.lengths, tiling.start, tiling.sizes)
    made = Made((Extent.of(TRANSFORM),), "real")
    winograd = scope.bind("winograd", f"_Winograd({', '.join(map(str, parts))})", made=(made,))
    method = "correlate_results" if tiling.gradient else "correlate"
    sources = [images, scope.transposed(given, other), scope.transposed(place, own)]
    scope.line(f"{winograd}.{method}({', '.join(array.source for array in sources)})")
    scope.passing.append((*(3 * (Made((Extent.of(tiling.memory),), "real", most=BUFFER),)), iterator()))
    scope.release(memory)
    return place


def _images(scope: Scope, task: Task, tiling: Tiling) -> Array:
    """The images as they lie, or a copy with channels last where they come otherwise."""
    access = tiling.images
    names = access.plain or ()
    if access.tensor not in scope.orders:
        return whole_array(scope, access.tensor).renamed(names)
    box = {**task.box, **{name: Extent.of(n) for name, n in zip(tiling.stand, tiling.places, strict=True)}}
    found = turned(scope, access) or padded(scope, access, box)
    assert found is not None
    return replace(found[0], axes=tuple(names[k] for k in scope.orders[access.tensor]))
