"""Gradient checking: a module's gradients against central differences of its own loss.

Two functions are checked, in float64: `loss_and_grad`, and `backward` with random upstream gradients for every output.
Small tensors are checked entry by entry. Of larger ones random entries are, and random directions ±1 over the whole
tensor, which see a mistake in any entry; a direction that disagrees is halved until the entry is found. Noise is held
fixed. An entry at a kink of the loss is checked again at another point.

A network whose function takes very many operations gets few calls: one direction through all tensors at once, and a
few entries. The number follows from the count of operations, never from a clock.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from symnet.check_derivatives import derivative_rows
from symnet.check_report import TOLERANCE, Report, Row
from symnet.contract import Array, Contract, extent_value
from symnet.errors import UsageError
from symnet.probing import Direction, Space

ENTRIES = 200  # so many entries are checked in all, shared out over the tensors
FEWEST = 20  # or so many where a call takes long
BUDGET = 2 * 10**10  # scalar operations for the entries of one function, where a call takes very long
PROBE = 6  # calls of a function for one entry or direction
FEWEST_AT_ALL = 2  # entries, where not even these fit the budget
POINTS = 3
EQUAL_SIZES = (4, 8, 16)  # tried for sizes without an `example` where different small ones do not fit


def check_module(
    module: Any,
    *,
    seed: int = 0,
    sizes: Mapping[str, int] | None = None,
    tolerance: float = TOLERANCE,
    entries: int = ENTRIES,
    operations: int | None = None,
) -> Report:
    """Check the gradients of an emitted module, and the further derivatives that it has.

    `sizes` sets run-time sizes; else their `example` values serve, or small numbers. Every entry of every tensor is
    checked where that makes at most `entries` in all. The same seed gives the same report.

    `operations` are those of one evaluation, of which a large network gets few; without them they are estimated as if
    every parameter were used once for each element of a box of all sizes, which is right for dense layers.
    """
    contract = Contract.of(module)
    try:
        used = _workable_sizes(contract, sizes)
        cost = _estimate(contract, used) if operations is None else operations
        rows = _rows(contract, used, seed, entries, tolerance, cost)
    except MemoryError as error:
        hint = "check it with smaller sizes (--set, --size), or compile it without a check (--no-check)"
        raise UsageError("the check needs more memory than there is", hint=hint) from error
    name = getattr(module, "__name__", "module").removeprefix("symnet_module_")
    return Report(name, tuple(rows), used, seed, tolerance)


def _estimate(contract: Contract, sizes: Mapping[str, int]) -> int:
    shapes = [[extent_value(extent, sizes) for extent in row.shape] for row in contract.parameters.values()]
    return 2 * sum(map(math.prod, shapes)) * math.prod(sizes.values())


def _rows(
    contract: Contract, sizes: Mapping[str, int], seed: int, entries: int, tolerance: float, operations: int
) -> list[Row]:
    points = _Points(contract, sizes, seed)
    with np.errstate(all="ignore"):
        rows = [
            row
            for objective in _objectives(contract)
            for row in _check(objective, points, entries, tolerance, operations)
        ]
        if contract.derivatives:
            rows += derivative_rows(_point(contract, sizes, np.random.default_rng(seed)), seed, tolerance)
    return rows


def _workable_sizes(contract: Contract, given: Mapping[str, int] | None) -> dict[str, int]:
    """Sizes that the module accepts: each of its own, or all alike where the module wants some to be equal or larger.

    UsageError, the module's own, where none of them will do.
    """
    errors = []
    for other in (None, *EQUAL_SIZES):
        sizes = contract.example_sizes(given, other)
        try:
            _try(contract, sizes)
        except UsageError as error:
            errors.append(error)
        else:
            return sizes
    hint = "say sizes that fit, with `example N = 4` in the spec or with --size N=4"
    raise UsageError(errors[0].message, hint=hint) from errors[0]


def _try(contract: Contract, sizes: Mapping[str, int]) -> None:
    # Shapes alone count here. Zeros cost nothing: no memory is touched until something is written there.
    shapes = {name: [extent_value(extent, sizes) for extent in row.shape] for name, row in contract.parameters.items()}
    params = {name: np.zeros(shape) for name, shape in shapes.items()}
    rng = np.random.default_rng(0)
    inputs, noise = contract.sample_inputs(rng, sizes), contract.draw(rng, sizes)
    contract.call("forward", params, contract.init_state(np.float64), inputs, noise=noise)


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


@dataclass
class _Points:
    """The points of a check. Both functions are looked at in the same ones, so the first is kept."""

    contract: Contract
    sizes: Mapping[str, int]
    seed: int
    first: tuple[Point, np.random.Generator] | None = None

    def point(self, attempt: int) -> tuple[Point, np.random.Generator]:
        """The point of this attempt, and the generator as it is after the point was drawn."""
        if attempt or self.first is None:
            rng = np.random.default_rng([self.seed, attempt])
            found = _point(self.contract, self.sizes, rng), rng
            if attempt:
                return found
            self.first = found
        return self.first[0], deepcopy(self.first[1])


def _point(contract: Contract, sizes: Mapping[str, int], rng: np.random.Generator) -> Point:
    inputs = contract.sample_inputs(rng, sizes)
    state = contract.init_state(np.float64)
    noise = contract.draw(rng, sizes)
    start = contract.init(rng, np.float64)
    point = Point(contract, {name: _moved(value, rng) for name, value in start.items()}, state, inputs, noise)
    outputs = point.call("forward")[0]
    if not all(np.isfinite(value).all() for value in outputs.values()):
        params = {name: np.array(value, order="C") for name, value in start.items()}
        point = Point(contract, params, state, inputs, noise)
        outputs = point.call("forward")[0]
    real = {name: np.asarray(value) for name, value in outputs.items() if np.asarray(value).dtype.kind == "f"}
    upstream = {name: rng.normal(size=value.shape) for name, value in real.items()}
    return replace(point, upstream=upstream)


def _moved(value: Array, rng: np.random.Generator) -> Array:
    # Parameters that start at a constant would hide a mistake (a bias of 0, a gain of 1), so all are moved a little.
    step = np.asarray(0.3 * rng.uniform(-1, 1, np.shape(value)))
    zero = value == 0
    moved = np.asarray((1 + step) * value)
    np.copyto(moved, step, where=zero)
    return np.ascontiguousarray(moved).reshape(np.shape(value))


# --- checking ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is looked at: entries in all, and random directions, each over one tensor or all together.

    The time of a check is the number of calls times the time of one. A network of many or of large tensors is slow
    to call, so it gets fewer calls; the directions still see every entry.
    """

    entries: int
    directions: int
    together: bool
    points: int = POINTS

    @staticmethod
    def for_tensors(tensors: Mapping[str, Array], most: int, operations: int = 0) -> Effort:
        """The effort for these tensors, with at most so many entries, for a function of so many operations."""
        total = sum(value.size for value in tensors.values())
        affordable = BUDGET // (PROBE * max(1, operations))
        if affordable < FEWEST:
            return Effort(min(most, max(FEWEST_AT_ALL, affordable)), 1, together=True, points=1)
        entries = min(most, max(FEWEST, min(4_000 // max(1, len(tensors)), 20_000_000 // max(1, total))))
        together = len(tensors) > 10 or total > 100_000
        return Effort(most if total <= entries else entries, 4 if together else 2, together)


def _check(objective: Objective, points: _Points, entries: int, tolerance: float, operations: int) -> list[Row]:
    rows: dict[str, Row] = {}
    left: dict[str, list[int]] = {}
    for attempt in range(POINTS):
        point, rng = points.point(attempt)
        arrays = _arrays(objective, point)
        effort = Effort.for_tensors(arrays, entries, operations)
        if not attempt:
            rows = {name: Row(objective.function, name, value.shape) for name, value in arrays.items()}
            left = _choose(arrays, effort, rng)
        space, seen, unfit = _space(objective, point, arrays, tolerance, rng)
        rows.update({name: replace(rows[name], wrong=True, error=math.inf, note=note) for name, note in unfit.items()})
        for name, positions in left.items():
            if name in space.tensors:
                rows[name], left[name] = _entries(space, rows[name], positions)
        if not attempt:
            _directions(space, rows, effort, rng, seen)
        left = {name: positions for name, positions in left.items() if positions and not rows[name].wrong}
        if not left or attempt + 1 == effort.points:
            break
    return list(rows.values())


def _arrays(objective: Objective, point: Point) -> dict[str, Array]:
    frozen = {name for name, row in point.contract.module.PARAMETERS.items() if row.get("frozen")}
    params = {name: value for name, value in point.params.items() if name not in frozen}
    inputs = {name: value for name, value in point.inputs.items() if value.dtype.kind == "f"}
    return {**params, **inputs} if objective.of_inputs else params


def _choose(arrays: Mapping[str, Array], effort: Effort, rng: np.random.Generator) -> dict[str, list[int]]:
    sizes = {name: value.size for name, value in arrays.items()}
    if sum(sizes.values()) <= effort.entries:
        return {name: list(range(size)) for name, size in sizes.items()}
    looked_at = list(sizes)
    if len(looked_at) > effort.entries:  # more tensors than entries: one entry each of tensors all along the list
        looked_at = [looked_at[k * len(sizes) // effort.entries] for k in range(effort.entries)]
    share = max(1, effort.entries // len(looked_at))
    return {
        name: sorted(rng.choice(sizes[name], min(share, sizes[name]), replace=False).tolist()) for name in looked_at
    }


def _space(
    objective: Objective, point: Point, arrays: Mapping[str, Array], tolerance: float, rng: np.random.Generator
) -> tuple[Space, Direction, dict[str, str]]:
    """The space to move in, a direction through all of it that was looked along for noise, and what is wrong already.

    What is wrong already are gradients that need no comparison.
    """
    claimed = dict(objective.gradient(point))
    unfit = {name: note for name, value in arrays.items() if (note := _unfit(objective, claimed, name, value))}
    tensors = {name: value.reshape(-1) for name, value in arrays.items() if name not in unfit and value.size}
    gradient = {name: np.array(claimed.pop(name), np.float64).reshape(-1) for name in tensors}
    space = Space(lambda: objective.value(point), tensors, gradient, 0.0, tolerance)
    if not tensors:
        return space, (), unfit
    direction = space.random(list(tensors), rng)
    return space.with_noise(direction), direction, unfit


def _unfit(objective: Objective, claimed: Mapping[str, Array], name: str, value: Array) -> str:
    if name not in claimed:
        return f"{objective.function} gives no gradient for it"
    gradient = np.asarray(claimed[name])
    if gradient.shape != value.shape:
        return f"the gradient has shape {list(gradient.shape)}"
    finite = np.isfinite(gradient)
    if finite.all():
        return ""
    first = np.argwhere(~finite)[0]
    return f"the gradient is {gradient[tuple(first)]} at {first.tolist()}"


def _entries(space: Space, row: Row, positions: list[int]) -> tuple[Row, list[int]]:
    again = []
    row = replace(row, kinks=0, open=0)
    for position in positions:
        verdict = space.entry(row.name, position)
        again += [position] * (verdict.word in ("kink", "open"))
        row = row.counted(verdict, position)
    return row, again


def _directions(space: Space, rows: dict[str, Row], effort: Effort, rng: np.random.Generator, seen: Direction) -> None:
    """Look along random directions, for what single entries have not shown; changes `rows`.

    Where one direction has to do, it is the one that was `seen` already: to draw another takes as long as some calls.
    """
    if effort.directions == 1 and seen and not any(rows[name].wrong for name in space.tensors):
        _direction(space, seen, rows)
        return
    unsure = [name for name in space.tensors if rows[name].checked < space.tensors[name].size and not rows[name].wrong]
    groups = [unsure] if effort.together else [[name] for name in unsure]
    for group in groups:
        for _ in range(effort.directions):
            if group and not any(rows[name].wrong for name in group):
                _direction(space, space.random(group, rng), rows)


def _direction(space: Space, direction: Direction, rows: dict[str, Row]) -> None:
    verdict = space.verdict(direction)
    for part in direction:
        rows[part.tensor] = replace(rows[part.tensor], directions=rows[part.tensor].directions + 1)
    if verdict.word != "wrong" and space.suspicion(direction, verdict) <= space.tolerance:
        return
    name, position = space.search(direction)
    row = rows[name].counted(space.entry(name, position), position)
    if verdict.word == "wrong" and not row.wrong:
        row = replace(row, wrong=True, error=verdict.error, note="wrong along a random direction")
    rows[name] = row
