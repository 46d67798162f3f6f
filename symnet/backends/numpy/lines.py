"""Banded products line by line, for windows that reach far beyond the tensor they are taken of.

    y[n, o, u, v] = sum(c, p, q: (x[n, c, u - p, v - q] else 0)*w[c, o, p, q])        x: 8 x 8, w: 5 x 5, y: 12 x 12

    t[(n, l), (p, v, o)] = x[(n, l), (j, c)] band[(j, c), (p, v, o)]                   for each line l of x
    y[n, u, v, o] = sum(p: t[n, u - p, p, v, o])                                       where there is such a line

There are as many lines in x as it has, and not as many as in y: fewer products, and nothing is copied. The gradient of
a convolution by its input is such a sum, where there is no padding.
"""

from __future__ import annotations

from dataclasses import replace

from symnet.backends.numpy.domain import Task
from symnet.backends.numpy.passing import count_call, steps
from symnet.backends.numpy.scope import Array, Box, Scope
from symnet.ir.affine import Affine
from symnet.ir.program import Access
from symnet.language.extents import Extent
from symnet.planning.bands import LINE, Lines


def task_of_lines(task: Task, lines: Lines) -> Task:
    """The task whose target has a line and a position in the window in the place of where the window stands."""
    box = {name: extent for name, extent in task.box.items() if name != lines.stand}
    box[LINE] = lines.extent
    free = (*(name for name in task.free if name != lines.stand), LINE, lines.through)
    return replace(task, target=Access("", tuple(map(Affine.index, free))), box=box)


def axes_of_lines(out: Array, lines: Lines) -> tuple[str, ...]:
    """The axes of the products, in the order of the target."""
    parts = ((LINE, lines.through) if axis == lines.stand else (axis,) for axis in out.axes)
    return tuple(name for names in parts for name in names)


def add_lines(scope: Scope, products: Array, lines: Lines, out: Array, box: Box) -> None:
    """The lines that add the products for each position in the window to the target."""
    scope.line(f"{out.source}.fill(0)")
    for position in range(lines.positions):
        shift = lines.shift(position)
        first, end = max(0, -shift), min(lines.stands, lines.count - shift)
        if first >= end:
            continue
        own = ", ".join(f"{first}:{end}" if axis == lines.stand else ":" for axis in out.axes)
        other = ", ".join(
            f"{first + shift}:{end + shift}" if axis == LINE else str(position) if axis == lines.through else ":"
            for axis in products.axes
        )
        kept = tuple(lines.stand if axis == LINE else axis for axis in products.axes if axis != lines.through)
        target = scope.view(out, f"[{own}]", "lines", out.axes, whole=False)
        source = scope.view(products, f"[{other}]", "lines", kept, whole=False)
        scope.line(f"np.add({target.source}, {scope.aligned(source, out.axes).source}, out={target.source})")
        target = replace(target, strides=tuple(steps(scope, out, box).items()))
        own_box = {**box, lines.stand: Extent.of(end - first)}
        apart = {lines.stand if axis == LINE else axis: n for axis, n in steps(scope, products, box).items()}
        count_call(scope, [target, replace(source, strides=tuple(apart.items()))], target, own_box)
