"""Reductions over windows: combinations of slices, one dimension of the window after the other.

    y[n, u, v] = max(p < 2, q < 2: x[n, 2*u + p, 2*v + q])

    np.maximum(x[:, ::2], x[:, 1::2], out=t0)
    np.maximum(t0[:, :, ::2], t0[:, :, 1::2], out=y)

Each pass runs through long pieces of memory, where a reduction over the short axes of a view runs through short ones.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from symnet.backends.numpy.domain import Task
from symnet.backends.numpy.operands import base_of
from symnet.backends.numpy.passing import count_call
from symnet.backends.numpy.reduction import COMBINE
from symnet.backends.numpy.scope import Array, Scope
from symnet.backends.numpy.views import Dimension, affine_view, whole_array
from symnet.ir.affine import Affine
from symnet.ir.program import Access, leaf_number
from symnet.planning.rows import SLICES
from symnet.planning.windows import holder, through_windows


def reduced_windows(scope: Scope, task: Task, out: Array | None) -> Array | None:
    """The value of a reduction of one tensor over windows; None where it is another thing."""
    access = window_access(task)
    found = None if access is None else base_of(scope, task, access)
    if access is None or found is None:
        return None
    base, dimensions = found
    windows = through_windows(access, task.box, task.reduced)
    lengths = [task.box[name].constant or 0 for name in windows.values()]
    if not lengths or min(lengths) < 2 or not SLICES(max(lengths)):
        return None
    order = sorted(windows.values(), key=lambda name: [name in d.place.indices for d in dimensions].index(True))
    for name in order:
        base, dimensions = _reduced_along(scope, task, base, dimensions, name, out if name == order[-1] else None)
    return replace(base, axes=tuple(d.place.indices[0] for d in dimensions))


def window_access(task: Task) -> Access | None:
    """The one tensor that a task reduces over windows, all of them and nothing else."""
    number = leaf_number(task.body) if isinstance(task.body, sp.Symbol) else None
    if number is None or task.masks or task.cut or not task.reduced:
        return None
    access = task.leaves[number]
    windows = through_windows(access, task.box, task.reduced)
    return access if set(windows.values()) == set(task.reduced) else None


def _reduced_along(
    scope: Scope, task: Task, base: Array, dimensions: list[Dimension], name: str, out: Array | None
) -> tuple[Array, list[Dimension]]:
    """The reduction along one dimension of the windows, and the places in what it gives."""
    left = {f"#{k}": d for k, d in enumerate(dimensions) if set(d.place.indices) & set(task.reduced) - {name}}
    box = {**task.box, **{key: d.extent for key, d in left.items()}}
    views = []
    for position in range(task.box[name].constant or 0):
        fixed = {name: Affine.of(position)}
        at = [
            Dimension(Affine.index(f"#{k}") if f"#{k}" in left else d.place.substitute(fixed), d.extent)
            for k, d in enumerate(dimensions)
        ]
        view = affine_view(scope, base, at, box)
        assert view is not None
        views.append(view)
    axes = views[0].axes
    fits = out is not None and out.axes == axes and out.kind == base.kind
    place = out if fits and out is not None else scope.temporary(axes, box, base.kind)
    total = views[0].source
    for view in views[1:]:
        count_call(scope, [views[0] if total == views[0].source else place, view], place, box)
        scope.line(f"np.{COMBINE[task.op]}({total}, {view.source}, out={place.source})")
        total = place.source
    scope.release(base)
    moved = [left[axis] if axis in left else Dimension(Affine.index(axis), box[axis]) for axis in axes]
    return replace(place, axes=tuple(f"#{k}" for k in range(len(axes)))), moved


# --- positions -------------------------------------------------------------------------------------


def extreme_in_windows(scope: Scope, task: Task, target: Array) -> bool:
    """Write where in its window the first extreme value is, by comparing with it; whether that was possible.

    The position is the number of elements before it that differ from it: of equal ones the first counts.
    """
    access = window_access(task)
    if access is None or task.target.tensor not in scope.narrow:
        return False
    own = scope.program.writers[task.target.tensor][0]
    name = holder(own, scope.program)
    if name is None:
        return False
    extreme = whole_array(scope, name).renamed(target.axes)
    found = base_of(scope, task, access)
    if found is None:
        return False
    base, dimensions = found
    missed = scope.temporary(target.axes, task.box, "bool")
    other = scope.temporary(target.axes, task.box, "bool")
    for number, fixed in enumerate(_positions(task)[:-1]):
        at = [Dimension(d.place.substitute(fixed), d.extent) for d in dimensions]
        view = affine_view(scope, base, at, task.box)
        assert view is not None
        source = scope.aligned(view, target.axes).source
        count_call(scope, [view, extreme], missed, task.box)
        if number == 0:
            scope.line(f"np.not_equal({source}, {extreme.source}, out={missed.source})")
            scope.line(f"{target.source}[...] = {missed.source}")
            continue
        scope.line(f"np.not_equal({source}, {extreme.source}, out={other.source})")
        scope.line(f"np.logical_and({missed.source}, {other.source}, out={missed.source})")
        digit = scope.view(missed, ".view(np.int8)", "digit", missed.axes)
        scope.line(f"np.add({target.source}, {digit.source}, out={target.source})")
    return True


def _positions(task: Task) -> list[dict[str, Affine]]:
    """The positions in a window in row-major order."""
    found: list[dict[str, Affine]] = [{}]
    for name in task.reduced:
        found = [{**at, name: Affine.of(value)} for at in found for value in range(task.box[name].constant or 0)]
    return found
