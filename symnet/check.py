"""Gradient checking: a module's gradients against central differences of its own loss.

Two functions are checked, in float64: `loss_and_grad`, and `backward` with random upstream gradients for every output.
Small tensors are checked entry by entry. Of larger ones random entries are, and random directions ±1 over the whole
tensor, which see a mistake in any entry; a direction that disagrees is halved until the entry is found. Noise is held
fixed. An entry at a kink of the loss is checked again at another point.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from symnet.check_report import TOLERANCE, Report, Row
from symnet.contract import Array, Contract
from symnet.differences import Verdict, compare, noise_of

ENTRIES = 200  # so many entries are checked in all, shared out over the tensors
LEAST = 8  # but at least so many of each tensor
DIRECTIONS = 2
POINTS = 3


def check_module(
    module: Any,
    *,
    seed: int = 0,
    sizes: Mapping[str, int] | None = None,
    tolerance: float = TOLERANCE,
    entries: int = ENTRIES,
) -> Report:
    """Check the gradients of an emitted module.

    `sizes` sets run-time sizes; else their `example` values serve, or small numbers. Every entry of every tensor is
    checked where that makes at most `entries` in all. The same seed gives the same report.
    """
    contract = Contract.of(module)
    used = contract.example_sizes(sizes)
    with np.errstate(all="ignore"):
        rows = [
            row
            for objective in _objectives(contract)
            for row in _check(objective, contract, used, seed, entries, tolerance)
        ]
    name = getattr(module, "__name__", "module").removeprefix("symnet_module_")
    return Report(name, tuple(rows), used, seed, tolerance)


# --- what is checked: a scalar function and its claimed gradient ------------------------------------


@dataclass(frozen=True)
class Point:
    """Where the gradients are checked: every array that the module's functions take, in float64."""

    contract: Contract
    params: dict[str, Array]
    state: dict[str, Array] | None
    inputs: dict[str, Array]
    noise: Any
    upstream: dict[str, Array] = field(default_factory=dict)

    def call(self, function: str) -> Any:
        """The module's function here."""
        return self.contract.call(function, self.params, self.state, self.inputs, noise=self.noise)


@dataclass(frozen=True)
class Objective:
    """A scalar function of the module and the gradient that the module claims for it."""

    function: str
    value: Callable[[Point], float]
    gradient: Callable[[Point], Mapping[str, Array]]
    of_inputs: bool


def _objectives(contract: Contract) -> Iterator[Objective]:
    if hasattr(contract.module, "loss_and_grad"):
        yield Objective("loss_and_grad", lambda point: float(point.call("loss")), _loss_gradient, of_inputs=False)
    yield Objective("backward", _pulled_value, _pulled_gradient, of_inputs=True)


def _loss_gradient(point: Point) -> Mapping[str, Array]:
    gradient: Mapping[str, Array] = point.call("loss_and_grad")[1]
    return gradient


def _pulled_value(point: Point) -> float:
    outputs = point.call("forward")[0]
    return float(sum(np.vdot(weight, outputs[name]) for name, weight in point.upstream.items()))


def _pulled_gradient(point: Point) -> Mapping[str, Array]:
    saved = point.call("forward")[1]
    gradient: Mapping[str, Array] = point.contract.module.backward(point.params, saved, point.upstream)
    return gradient


def _point(contract: Contract, sizes: Mapping[str, int], rng: np.random.Generator) -> Point:
    inputs = contract.sample_inputs(rng, sizes)
    state = contract.init_state(np.float64)
    noise = contract.draw(rng, sizes)
    start = contract.init(rng, np.float64)
    for params in ({name: _moved(value, rng) for name, value in start.items()}, start):
        point = Point(contract, params, state, inputs, noise)
        outputs = point.call("forward")[0]
        if all(np.isfinite(value).all() for value in outputs.values()):
            break
    real = {name: np.asarray(value) for name, value in outputs.items() if np.asarray(value).dtype.kind == "f"}
    upstream = {name: rng.normal(size=value.shape) for name, value in real.items()}
    return replace(point, upstream=upstream)


def _moved(value: Array, rng: np.random.Generator) -> Array:
    # Parameters that start at a constant would hide a mistake (a bias of 0, a gain of 1), so all are moved a little.
    drawn = rng.uniform(-1, 1, np.shape(value))
    return np.asarray(np.where(value == 0, 0.3 * drawn, value * (1 + 0.3 * drawn)), np.float64)


# --- checking ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tensor:
    """One tensor of a point, flat, with the gradient claimed for it and the rounding error of the function along it."""

    objective: Objective
    point: Point
    values: Array
    gradient: Array
    noise: float
    tolerance: float

    def line(self, where: Array, signs: Array) -> Callable[[float], float]:
        """The function along a direction that moves the entries `where` by t times `signs`."""
        base = self.values[where]

        def value(t: float) -> float:
            self.values[where] = base + t * signs
            try:
                return self.objective.value(self.point)
            finally:
                self.values[where] = base

        return value

    def entry(self, position: int) -> Verdict:
        """The verdict on one entry."""
        line = self.line(np.array([position]), np.ones(1))
        unit = max(1.0, abs(float(self.values[position])))
        return compare(line, float(self.gradient[position]), unit=unit, noise=self.noise, tolerance=self.tolerance)

    def direction(self, where: Array, signs: Array) -> Verdict:
        """The verdict on a direction over some entries, of length 1 where they are no larger."""
        scale = 1 / math.sqrt(where.size)
        claimed = float(self.gradient[where] @ signs) * scale
        unit = max(1.0, float(np.abs(self.values[where]).max()))
        line = self.line(where, signs * scale)
        return compare(line, claimed, unit=unit, noise=self.noise, tolerance=self.tolerance)

    def suspicion(self, verdict: Verdict, where: Array) -> float:
        """By how much a single entry would be wrong, relative to a typical one, if it alone explained a direction."""
        if verdict.word in ("kink", "open") or abs(verdict.claimed - verdict.measured) <= 5 * verdict.resolution:
            return 0.0
        typical = float(np.sqrt(np.mean(self.gradient[where] ** 2))) + 1e-300
        return abs(verdict.claimed - verdict.measured) * math.sqrt(where.size) / typical

    def search(self, where: Array, signs: Array) -> int:
        """The entry that makes a direction wrong, found by halving."""
        while where.size > 1:
            middle = where.size // 2
            halves = [(where[:middle], signs[:middle]), (where[middle:], signs[middle:])]
            distance = [self._distance(self.direction(*half), half[0].size) for half in halves]
            where, signs = halves[int(distance[1] > distance[0])]
        return int(where[0])

    def _distance(self, verdict: Verdict, size: int) -> float:
        return abs(verdict.claimed - verdict.measured) * math.sqrt(size)


def _check(
    objective: Objective, contract: Contract, sizes: Mapping[str, int], seed: int, entries: int, tolerance: float
) -> list[Row]:
    rows: dict[str, Row] = {}
    left: dict[str, list[int]] = {}
    for attempt in range(POINTS):
        rng = np.random.default_rng([seed, attempt])
        point = _point(contract, sizes, rng)
        if not attempt:
            left = _choose(objective, point, entries, rng)
        gradient = objective.gradient(point)
        for name, positions in left.items():
            row = rows.get(name) or Row(objective.function, name, _arrays(objective, point)[name].shape)
            rows[name], left[name] = _tensor(objective, point, gradient, row, positions, tolerance, rng, attempt == 0)
        left = {name: positions for name, positions in left.items() if positions and not rows[name].wrong}
        if not left:
            break
    return list(rows.values())


def _arrays(objective: Objective, point: Point) -> dict[str, Array]:
    inputs = {name: value for name, value in point.inputs.items() if value.dtype.kind == "f"}
    return {**point.params, **inputs} if objective.of_inputs else point.params


def _choose(objective: Objective, point: Point, entries: int, rng: np.random.Generator) -> dict[str, list[int]]:
    arrays = _arrays(objective, point)
    if not objective.of_inputs:  # a frozen parameter has no gradient here, only through `backward`
        frozen = {name for name, row in point.contract.module.PARAMETERS.items() if row.get("frozen")}
        arrays = {name: value for name, value in arrays.items() if name not in frozen}
    every = sum(value.size for value in arrays.values()) <= entries
    share = max(LEAST, entries // max(1, len(arrays)))
    chosen = {}
    for name, value in arrays.items():
        count = value.size if every else min(share, value.size)
        chosen[name] = sorted(rng.choice(value.size, count, replace=False).tolist())
    return chosen


def _tensor(
    objective: Objective,
    point: Point,
    gradient: Mapping[str, Array],
    row: Row,
    positions: list[int],
    tolerance: float,
    rng: np.random.Generator,
    first: bool,
) -> tuple[Row, list[int]]:
    values = _arrays(objective, point)[row.name]
    problem = _shape_problem(gradient, row)
    if problem:
        return replace(row, wrong=True, error=math.inf, note=problem), []
    claimed = np.asarray(gradient[row.name], np.float64).reshape(-1)
    tensor = Tensor(objective, point, values.reshape(-1), claimed, 0.0, tolerance)
    everywhere = np.arange(values.size)
    signs = rng.choice([-1.0, 1.0], values.size)
    if values.size:
        noise = noise_of(tensor.line(everywhere, signs / math.sqrt(values.size)))
        tensor = replace(tensor, noise=noise)
    again = []
    row = replace(row, kinks=0, open=0)
    for position in positions:
        verdict = tensor.entry(position)
        again += [position] * (verdict.word in ("kink", "open"))
        row = _count(row, verdict, position, tolerance)
    if first and len(positions) < values.size and not row.wrong:
        row = _directions(tensor, row, rng)
    return row, again


def _shape_problem(gradient: Mapping[str, Array], row: Row) -> str:
    if row.name not in gradient:
        return f"{row.function} gives no gradient for it"
    shape = np.shape(gradient[row.name])
    return "" if shape == row.shape else f"the gradient has shape {list(shape)}"


def _count(row: Row, verdict: Verdict, position: int, tolerance: float) -> Row:
    if verdict.word == "kink":
        return replace(row, kinks=row.kinks + 1)
    if verdict.word == "open":
        return replace(row, open=row.open + 1)
    row = replace(row, checked=row.checked + 1, wrong=row.wrong or verdict.word == "wrong")
    if row.checked > 1 and verdict.error <= row.error:
        return row
    worst = tuple(int(k) for k in np.unravel_index(position, row.shape)) if row.shape else ()
    return replace(row, error=verdict.error, worst=worst, claimed=verdict.claimed, measured=verdict.measured)


def _directions(tensor: Tensor, row: Row, rng: np.random.Generator) -> Row:
    where = np.arange(tensor.values.size)
    for _ in range(DIRECTIONS):
        signs = rng.choice([-1.0, 1.0], where.size)
        verdict = tensor.direction(where, signs)
        row = replace(row, directions=row.directions + 1)
        if verdict.word != "wrong" and tensor.suspicion(verdict, where) <= tensor.tolerance:
            continue
        position = tensor.search(where, signs)
        row = _count(row, tensor.entry(position), position, tensor.tolerance)
        if verdict.word == "wrong" and not row.wrong:
            row = replace(row, wrong=True, error=verdict.error, note="wrong along a random direction")
        if row.wrong:
            break
    return row
