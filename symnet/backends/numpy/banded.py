"""Sums of products through windows as products with a banded matrix.

    y[n, o, u, v] = sum(c, p, q: x[n, c, u + p, v + q]*w[o, c, p, q])        x: 28 x 28, w: 5 x 5

    band[p, j, c, v, o] = w[o, c, p, j - v]          0 where there is no such q
    y[(n, u), (v, o)] = x[(n, u), (p, j, c)] band[(p, j, c), (v, o)]

The innermost dimension of the window has gone into the matrix. That takes more multiplications, but whole rows of x are
copied and no side of the product is as short as o. It pays where few channels meet short rows (`faster_band`). The
gradient of w is the sum of the other product, x' y', along the band.

With a band for a part of the places, there is a row for each part a, rows overlap, and fewer products are with a 0:
x[(n, u, a), (p, j, c)] band[(p, j, c), (v, o)] for the places a*V + v.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy as sp

from symnet.backends.numpy.contraction import contract
from symnet.backends.numpy.domain import Task, shifted, two_tensors
from symnet.backends.numpy.lines import add_lines, axes_of_lines, task_of_lines
from symnet.backends.numpy.operands import operand
from symnet.backends.numpy.reduction import sum_over
from symnet.backends.numpy.scope import Array, Scalar, Scope
from symnet.backends.numpy.views import Dimension, affine_view, filled
from symnet.ir.affine import Affine
from symnet.ir.program import Access
from symnet.planning.bands import Band, band_of, faster_band, in_lines, lines_of, lines_pay

Value = Array | Scalar | None


def banded_product(scope: Scope, task: Task, factors: list[sp.Expr], out: Array | None, scale: Scalar | None) -> Value:
    """The sum of the product of two tensors with the window of one of them in a banded matrix; None where it is not
    such a sum, or where that would be slower."""
    for big, small in two_tensors(task, factors):
        band = band_of(big, small, task.target, task.box, scope.program.tensors[big.tensor].extents)
        if band is None or not _is_table(task.target if band.gradient else small, band):
            continue
        found = _by_lines(scope, task, band, out, scale)
        if found is not None:
            return found
        blocks = band.gradient or (out is not None and out.whole)
        band = faster_band(band, scope.orders.get(big.tensor), blocks=blocks)
        if band is not None:
            return _product(scope, task, band, out, scale)
    return None


def _by_lines(scope: Scope, task: Task, band: Band, out: Array | None, scale: Scalar | None) -> Value:
    """The product line by line of the tensor that windows are taken of; None where that cannot be, or is slower."""
    lines = lines_of(band)
    if lines is None or out is None or not out.whole:
        return None
    part, order = task_of_lines(task, lines), scope.orders.get(band.big.tensor)
    rows = band_of(in_lines(band.big, lines), band.small, part.target, part.box, band.extents)
    if rows is None or not lines_pay(rows, band, order):
        return None
    products = scope.temporary(axes_of_lines(out, lines), part.box, out.kind)
    _Banded(scope, part, rows).write(products, scale)
    add_lines(scope, products, lines, out, {**task.box, **part.box})
    scope.release(products)
    return out


def _product(scope: Scope, task: Task, band: Band, out: Array | None, scale: Scalar | None) -> Value:
    """The product; where there are blocks, with the places of the window as places in a block."""
    if not band.block:
        return _Banded(scope, task, band).value(out, scale)
    width, count = band.box[band.stand], band.box[band.block]
    place = Affine.index(band.block) * width + Affine.index(band.stand)
    small = band.small.substitute({band.stand: place})
    cut = replace(shifted(task, {band.stand: place}), box=dict(band.box))
    banded = _Banded(scope, cut, replace(band, small=small))
    if band.gradient or out is None:
        return banded.value(out, scale)
    parts = [(band.block, band.stand) if axis == band.stand else (axis,) for axis in out.axes]
    axes = tuple(name for names in parts for name in names)
    shape = scope.shape(count if n == band.block else width if n == band.stand else task.box[n] for n in axes)
    view = scope.view(out, f".reshape{shape}", "blocks", axes, whole=True)
    banded.write(view, scale)
    return out


def _is_table(window: Access, band: Band) -> bool:
    """Whether the window holds several numbers for each position; one number each makes no columns."""
    return any(name != band.through for name in window.indices)


@dataclass
class _Banded:
    scope: Scope
    task: Task
    band: Band

    def value(self, out: Array | None, scale: Scalar | None) -> Value:
        rows = operand(self.scope, self.wide, self.band.rows)
        assert isinstance(rows, Array)
        if self.band.gradient:
            return self.gradient(rows, out, scale)
        free = (*(name for name in rows.axes if name in self.task.free), *self.columns)
        inner = tuple(name for name in rows.axes if name not in free)
        keep = out.axes if out is not None and set(out.axes) == set(free) else free
        columns = tuple(name for name in keep if name in self.columns)
        axes = (*inner, *columns)
        matrix = filled(self.scope, "band", axes, tuple(self.wide.box[n] for n in axes), rows.kind, "0")
        for position, diagonal in self.diagonals(matrix):
            weights = operand(self.scope, self.wide, self.at(self.band.small, position))
            assert isinstance(weights, Array)
            self.scope.line(f"{diagonal.source}[...] = {self.scope.aligned(weights, diagonal.axes).source}")
        return contract(self.scope, [rows, matrix], keep, self.wide.box, out, scale)

    def write(self, out: Array, scale: Scalar | None) -> None:
        """The lines that write the value to a place."""
        found = self.value(out, scale)
        assert isinstance(found, Array)
        if found.source != out.source:
            self.scope.line(f"{out.source}[...] = {self.scope.aligned(found, out.axes).source}")
            self.scope.release(found)

    def gradient(self, rows: Array, out: Array | None, scale: Scalar | None) -> Value:
        """The sums along the band of the product of the rows with what has the columns."""
        small = operand(self.scope, self.wide, self.band.small)
        assert isinstance(small, Array)
        free = tuple(name for name in rows.axes if name not in small.axes)
        kept = (*free, *(name for name in small.axes if name not in rows.axes))
        found = contract(self.scope, [rows, small], kept, self.wide.box, None, scale)
        assert isinstance(found, Array)
        place = out if out is not None else self.scope.temporary(self.task.free, self.task.box, rows.kind)
        table = self.scope.pin(found)
        for position, diagonal in self.diagonals(table):
            index = ", ".join(str(position) if name == self.band.through else ":" for name in place.axes)
            part = replace(
                self.scope.view(place, f"[{index}]", "part", tuple(n for n in place.axes if n != self.band.through)),
                whole=False,
            )
            box = {**self.wide.box, self.band.stand: self.band.length(position)}
            total, _ = sum_over(self.scope, diagonal, part.axes, box)
            assert isinstance(total, Array)
            self.scope.line(f"{part.source}[...] = {self.scope.aligned(total, part.axes).source}")
            self.scope.release(total)
        return place

    @property
    def wide(self) -> Task:
        """The task with whole rows in the place of the window's innermost dimension."""
        return replace(self.task, box={**self.task.box, self.band.row: self.band.extent})

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(n for n in self.task.free if n == self.band.stand or n not in self.band.rows.indices)

    def at(self, access: Access, position: int) -> Access:
        return access.substitute({self.band.through: Affine.of(position)})

    def diagonals(self, matrix: Array) -> list[tuple[int, Array]]:
        """The parts of the banded matrix that belong to the positions in the window; those that are empty left out."""
        found = []
        for position in range(self.band.positions):
            start, length = self.band.first(position), self.band.length(position)
            if not length.terms:
                continue
            stand = Affine.index(self.band.stand)
            places = {
                self.band.row: stand * self.band.step + (start * self.band.step + position + self.band.offset),
                self.band.stand: stand + start,
            }
            box = {**self.wide.box, self.band.stand: length}
            dimensions = [Dimension(places.get(name, Affine.index(name)), self.wide.box[name]) for name in matrix.axes]
            base = replace(matrix, axes=tuple(f"#{k}" for k in range(len(matrix.axes))))
            view = affine_view(self.scope, base, dimensions, box)
            assert view is not None
            found.append((position, view))
        return found
