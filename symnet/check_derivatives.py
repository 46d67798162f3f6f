"""The further derivatives of a module against differences of its gradients, and of its outputs.

A Hessian, or its product with a vector v, is the derivative of the number v . gradient; its diagonal that of each entry
of the gradient; J v is the slope of the outputs along v. What the examples contribute adds up to the gradient.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from symnet.check_report import Row
from symnet.contract import Array
from symnet.differences import compare, noise_of
from symnet.probing import Space

if TYPE_CHECKING:
    from symnet.check import Point

ENTRIES = 20  # so many entries of each tensor are compared with differences

Rows = Iterator[Row]


def derivative_rows(point: Point, seed: int, tolerance: float) -> list[Row]:
    """What was found for every further derivative of a module, in float64 at one point."""
    rows: list[Row] = []
    for function, (kind, of) in point.contract.derivatives.items():
        rng = np.random.default_rng([seed, 5])
        rows += CHECKS[kind](_Probe(point, function, of, tolerance, rng))
    return rows


class _Probe:
    """One function of the module at a point, with a random direction for everything that may move."""

    def __init__(self, point: Point, function: str, of: str, tolerance: float, rng: np.random.Generator) -> None:
        self.point = point
        self.function = function
        self.tolerance = tolerance
        self.rng = rng
        frozen = {name for name, row in point.contract.module.PARAMETERS.items() if row.get("frozen")}
        self.params = {n: v for n, v in point.params.items() if n not in frozen and of in ("", n)}
        self.inputs = {n: v for n, v in point.inputs.items() if v.dtype.kind == "f"}
        self.v: dict[str, Array] = {
            n: np.asarray(rng.normal(size=v.shape)) for n, v in (self.params | self.inputs).items()
        }
        self.of = of

    def call(self, directions: Mapping[str, Array] | None = None) -> Any:
        """What the function gives, for these directions if it takes some."""
        point, extra = self.point, {}
        if directions is not None:
            formals = inspect.signature(getattr(point.contract.module, self.function)).parameters.values()
            extra[[f.name for f in formals if f.kind is not f.KEYWORD_ONLY][-1]] = dict(directions)
        return point.contract.call(self.function, point.params, point.state, point.inputs, **extra, noise=point.noise)

    def gradient(self) -> Mapping[str, Array]:
        gradient: Mapping[str, Array] = self.point.call("loss_and_grad")[1]
        return gradient

    def along_v(self) -> float:
        """v . gradient"""
        gradient = self.gradient()
        return float(sum(np.vdot(self.v[name], gradient[name]) for name in self.params))

    def space(self, value: Callable[[], float], claimed: Mapping[str, Array]) -> Space:
        """Where the parameters move, and what a number's derivatives are claimed to be."""
        tensors = {name: self.params[name].reshape(-1) for name in claimed}
        gradient = {name: np.array(part, np.float64).reshape(-1) for name, part in claimed.items()}
        space = Space(value, tensors, gradient, 0.0, self.tolerance)
        return space.with_noise(space.random(list(tensors), self.rng))

    def chosen(self, size: int) -> list[int]:
        return sorted(self.rng.choice(size, min(size, ENTRIES), replace=False).tolist())

    def row(self, name: str, claimed: Any, expected: tuple[int, ...]) -> Row:
        """An empty row; one that is wrong already where the shape is, or a value is no number."""
        shape = np.shape(claimed)
        if shape != expected:
            return Row(self.function, name, expected, wrong=True, error=np.inf, note=f"it has shape {list(shape)}")
        finite = bool(np.isfinite(claimed).all())
        return Row(self.function, name, expected, wrong=not finite, note="" if finite else "it is not finite")


def _products(probe: _Probe) -> Rows:
    params = {name: probe.v[name] for name in probe.params}
    yield from _against_gradients(probe, probe.call(params))


def _hessian(probe: _Probe) -> Rows:
    found = probe.call()
    blocks = {probe.of: {probe.of: found}} if probe.of else found
    for row in probe.params:
        for column in probe.params:
            expected = (*probe.params[row].shape, *probe.params[column].shape)
            shown = probe.row(f"{row}, {column}", blocks[row][column], expected)
            if shown.wrong:
                yield shown
                return
    products = {}
    for row, value in probe.params.items():
        products[row] = np.zeros(value.shape)
        for column in probe.params:
            products[row] += np.tensordot(blocks[row][column], probe.v[column], probe.v[column].ndim)
    yield from _against_gradients(probe, products)


def _against_gradients(probe: _Probe, products: Mapping[str, Array]) -> Rows:
    rows = {name: probe.row(name, products[name], value.shape) for name, value in probe.params.items()}
    if not any(row.wrong for row in rows.values()):
        space = probe.space(probe.along_v, products)
        for name, value in probe.params.items():
            for position in probe.chosen(value.size):
                rows[name] = rows[name].counted(space.entry(name, position), position)
    yield from rows.values()


def _diagonal(probe: _Probe) -> Rows:
    found = probe.call()
    for name, claimed in ({probe.of: found} if probe.of else found).items():
        row = probe.row(name, claimed, probe.params[name].shape)
        for position in () if row.wrong else probe.chosen(np.size(claimed)):
            space = probe.space(_entry_of_gradient(probe, name, position), {name: claimed})
            row = row.counted(space.entry(name, position), position)
        yield row


def _entry_of_gradient(probe: _Probe, name: str, position: int) -> Callable[[], float]:
    return lambda: float(np.reshape(probe.gradient()[name], -1)[position])


def _tangents(probe: _Probe) -> Rows:
    """Each output, weighted at random, as everything moves along v."""
    _, tangents = probe.call(probe.v)
    outputs = probe.point.call("forward")[0]
    for name, tangent in tangents.items():
        row = probe.row(name, tangent, np.shape(outputs[name]))
        if not row.wrong:
            weight = probe.rng.normal(size=row.shape)
            line = _outputs_along(probe, name, weight)
            claimed = float(np.vdot(weight, tangent))
            verdict = compare(line, claimed, unit=1.0, noise=noise_of(line, line(0.0)), tolerance=probe.tolerance)
            row = replace(row.counted(verdict, 0), checked=0, directions=1)
        yield row


def _outputs_along(probe: _Probe, name: str, weight: Array) -> Callable[[float], float]:
    arrays = probe.params | probe.inputs
    start = {key: value.copy() for key, value in arrays.items()}

    def value(t: float) -> float:
        for key, array in arrays.items():
            array[...] = start[key] + t * probe.v[key]
        try:
            return float(np.vdot(weight, probe.point.call("forward")[0][name]))
        finally:
            for key, array in arrays.items():
                array[...] = start[key]

    return value


def _contributions(probe: _Probe) -> Rows:
    parts, whole = probe.call(), probe.gradient()
    for name, value in probe.params.items():
        total = np.sum(parts[name], axis=0)
        row = probe.row(name, total, value.shape)
        if not row.wrong and value.size:
            scale = max(float(np.abs(whole[name]).max()), float(np.abs(parts[name]).max()), 1e-300)
            error = np.abs(total - whole[name]) / scale
            worst = tuple(int(k) for k in np.unravel_index(int(error.argmax()), value.shape))
            largest = float(error.max())
            row = Row(
                probe.function, name, value.shape, value.size,
                error=largest, worst=worst, claimed=float(total[worst]), measured=float(whole[name][worst]),
                wrong=not largest <= probe.tolerance,
            )  # fmt: skip
        yield row


CHECKS: Mapping[str, Callable[[_Probe], Rows]] = {
    "jvp": _tangents,
    "hvp": _products,
    "hessian": _hessian,
    "diagonal": _diagonal,
    "per_example": _contributions,
}
