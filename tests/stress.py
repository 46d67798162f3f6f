"""What a module must bear: memory that holds anything, a workspace that was used before, arrays of any form.

Everything is compared bit for bit with the first call of a fresh workspace; only where what is given lies otherwise in
memory may sums have another order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import ModuleType
from typing import Any

import numpy as np

from symnet.contract import Contract
from symnet.errors import UsageError

DTYPES = (np.float64, np.float32)
TOLERANCE = {np.float64: 1e-9, np.float32: 3e-4}  # of the greatest element, where arrays lie otherwise
TURNS = 6

Array = np.ndarray[Any, Any]
Bits = list[tuple[str, bytes]]


class Point:
    """What the functions of a module take: parameters, state, inputs and random tensors of one dtype."""

    def __init__(self, contract: Contract, seed: int, dtype: Any, sizes: Mapping[str, int] | None = None) -> None:
        rng = np.random.default_rng(seed)
        known = contract.example_sizes(dict(sizes or {}))
        drawn = contract.init(rng, dtype)
        self.contract, self.dtype = contract, dtype
        self.params = {n: np.asarray(v + dtype(rng.normal(size=v.shape)) / 8, dtype) for n, v in drawn.items()}
        self.inputs = {n: cast(v, dtype) for n, v in contract.sample_inputs(rng, known).items()}
        self.state = contract.init_state(dtype)
        self.noise = {n: cast(v, dtype) for n, v in (contract.draw(rng, known) or {}).items()}

    def copy(self) -> Point:
        """The same values in arrays of their own."""
        other = object.__new__(Point)
        other.contract, other.dtype = self.contract, self.dtype
        for name in ("params", "inputs", "state", "noise"):
            given = getattr(self, name)
            setattr(other, name, given and {n: v.copy() for n, v in given.items()})
        return other

    @property
    def given(self) -> dict[str, Array]:
        """All arrays by their names."""
        return {**self.params, **self.inputs, **(self.state or {}), **self.noise}

    def call(self, function: str, **extra: Any) -> Any:
        """A function of the module, here."""
        if self.noise and self.contract.draws(function):
            extra = {"noise": self.noise, **extra}
        with np.errstate(all="ignore"):
            return self.contract.call(function, self.params, self.state, self.inputs, **extra)

    def step(self, workspace: Any = None) -> list[tuple[str, Array]]:
        """Everything that a step returns."""
        loss, *dicts = self.call("loss_and_grad", workspace=workspace)
        return [("loss", np.float64(loss)), *(pair for found in dicts for pair in found.items())]

    def bits(self, workspace: Any = None) -> Bits:
        """The same bit by bit."""
        return bits_of(self.step(workspace))

    def everything(self) -> Bits:
        """What all functions of the module return, bit by bit."""
        found: list[tuple[str, Any]] = []
        outputs, saved, *carried = self.call("forward")
        rng = np.random.default_rng(1)
        above = {n: cast(rng.normal(size=v.shape), self.dtype) for n, v in outputs.items() if v.dtype.kind == "f"}
        with np.errstate(all="ignore"):
            pulled = self.contract.module.backward(self.params, saved, above)
        for which, values in (("forward", outputs), ("backward", pulled), *(("next state", c) for c in carried)):
            found += [(f"{which}: {name}", value) for name, value in values.items()]
        for function in ("predict", "evaluate"):
            if hasattr(self.contract.module, function):
                found += [(f"{function}: {name}", value) for name, value in self.call(function).items()]
        if hasattr(self.contract.module, "loss_and_grad"):
            found += [(f"step: {name}", value) for name, value in self.step()]
        return bits_of(found)


def cast(value: Array, dtype: Any) -> Array:
    """Real values in this dtype, integers as they are."""
    return value.astype(dtype) if value.dtype.kind == "f" else value


def bits_of(found: list[tuple[str, Any]]) -> Bits:
    """Names with the bytes of their arrays."""
    return [(name, np.asarray(value).tobytes()) for name, value in found]


def other_bits(found: Bits, expected: Bits) -> str:
    """The names of what differs, as text."""
    return ", ".join(name for (name, a), (_, b) in zip(found, expected, strict=True) if a != b)


def points_of(contract: Contract, dtype: Any) -> list[Point]:
    """One of the example sizes, one where every size is 1, and others. Sizes that the module refuses are left out."""
    names = list(contract.example_sizes())
    sizes = [{}, *({name: n + k * (n % 2) for k, name in enumerate(names)} for n in (1, 2, 5, 4) if names)]
    found = []
    for seed, some in enumerate(sizes):
        try:
            point = Point(contract, seed, dtype, some)
            point.call("forward")
        except UsageError:
            assert seed, "the example sizes are refused"
            continue
        found.append(point)
    return found


# --- the checks ------------------------------------------------------------------------------------


class _Filled:
    """NumPy, but for `empty`: what is not written yet holds one value, or one integer."""

    def __init__(self, real: float, integer: int) -> None:
        self.fills = {"f": real, "i": integer, "u": integer, "b": integer % 2}

    def empty(self, shape: Any, dtype: Any = float) -> Array:
        """An array that no one has written to."""
        array = np.empty(shape, dtype)
        array[...] = self.fills[array.dtype.kind]
        return array

    def empty_like(self, other: Array) -> Array:
        """The same for the shape of another one."""
        return self.empty(other.shape, other.dtype)

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)


def unwritten(module: ModuleType, points: list[Point]) -> Iterator[str]:
    """No result may depend on what memory holds before anything is written to it."""
    found = []
    for fills in ((np.nan, 77), (1e30, 0)):
        module.np = _Filled(*fills)  # type: ignore[attr-defined]
        try:
            found.append([point.everything() for point in points])
        finally:
            module.np = np  # type: ignore[attr-defined]
    names = dict.fromkeys(filter(None, map(other_bits, *found)))
    yield from (f"unwritten memory changes {text}" for text in names)


def used_again(module: ModuleType, points: list[Point]) -> Iterator[str]:
    """A workspace gives the bits of a fresh one, whatever it did before, and whatever was done to its results."""
    fresh = [point.bits(module.Workspace()) for point in points]
    workspace, rng = module.Workspace(), np.random.default_rng(0)
    for _ in range(TURNS):
        k = int(rng.integers(len(points)))
        for _ in range(2):
            found = points[k].step(workspace)
            if other := other_bits(bits_of(found), fresh[k]):
                yield f"a used workspace changes {other}"
                return
            for name, value in found:
                if name != "loss":
                    value[...] = np.nan


def in_place(module: ModuleType, points: list[Point]) -> Iterator[str]:
    """Parameters and inputs that change in place are read anew, and a next state may be given as the state."""
    point, workspace = points[0].copy(), module.Workspace()
    for _ in range(3):
        found = dict(point.step(workspace))
        if other := other_bits(bits_of(list(found.items())), point.copy().bits(module.Workspace())):
            yield f"values that changed in place: {other}"
            return
        for name, value in point.given.items():
            if name in point.params or (name in point.inputs and value.dtype.kind == "f"):
                value *= point.dtype(0.99)
        if point.state is not None:
            point.state = {name: found[name] for name in point.state}


def apart(module: ModuleType, points: list[Point]) -> Iterator[str]:
    """Results lie in memory of their own and can be written to; what is given stays as it is."""
    point = points[0].copy()
    found = point.step(module.Workspace())[1:]
    for number, (name, value) in enumerate(found):
        others = [*found[:number], *point.given.items()]
        yield from (f"{name} lies in the memory of {o}" for o, v in others if np.shares_memory(value, v))
        if not value.flags.writeable:
            yield f"{name} cannot be written to"
    before = points[0].given
    yield from (f"{name} is written to" for name, v in point.given.items() if v.tobytes() != before[name].tobytes())


FORMS: dict[str, Callable[[Array], Array]] = {
    "Fortran's order": np.asfortranarray,
    "every second element": lambda v: np.repeat(v, 2, axis=-1)[..., ::2],
    "backwards": lambda v: np.ascontiguousarray(v[::-1])[::-1],
}


def forms(module: ModuleType, points: list[Point]) -> Iterator[str]:
    """Parameters and inputs may lie in memory as they like, and may be read-only."""
    expected = dict(points[0].step(module.Workspace()))
    tolerance = TOLERANCE[points[0].dtype]
    for form, change in FORMS.items():
        point, workspace = points[0].copy(), module.Workspace()
        for values in (point.params, point.inputs):
            values.update({name: change(value) if value.ndim else value for name, value in values.items()})
            for value in values.values():
                value.flags.writeable = False
        for _ in range(2):
            for name, value in point.step(workspace):
                if not near(value, expected[name], tolerance):
                    yield f"{form}: {name} differs"


def near(found: Any, expected: Any, tolerance: float) -> bool:
    """Whether arrays are equal up to a part of the greatest element."""
    scale = np.abs(expected).max(initial=1e-6, where=np.isfinite(expected))
    return np.allclose(found, expected, rtol=tolerance, atol=tolerance * scale, equal_nan=True)


def mistakes(module: ModuleType, points: list[Point]) -> Iterator[str]:
    """A call that is refused, or whose values are NaN, leaves nothing behind."""
    workspace, fresh = module.Workspace(), points[0].bits(module.Workspace())
    points[0].step(workspace)
    for what, bad in wrong_points(points[0]):
        try:
            bad.step(workspace)
            refused = False
        except UsageError:
            refused = True
        if refused == (what == "NaN"):
            yield f"{what} is {'refused' if refused else 'taken'}"
        if other := other_bits(points[0].bits(workspace), fresh):
            yield f"after {what}: {other}"


def wrong_points(point: Point) -> Iterator[tuple[str, Point]]:
    """Points with one mistake, or with NaN, told by a word."""
    for name, value in [*point.inputs.items(), *list(point.params.items())[:1]]:
        changes = {f"{name} with one more dimension": value[None], f"{name} of complex numbers": value.astype(complex)}
        if value.dtype.kind == "f":
            changes["NaN"] = np.where(np.arange(value.size).reshape(value.shape) == 0, np.nan, value).astype(
                value.dtype
            )
        else:
            changes |= {
                f"{name} of huge integers": np.full_like(value, 10**9),
                f"{name} of -1": np.full_like(value, -1),
            }
        for what, changed in changes.items():
            bad = point.copy()
            (bad.params if name in bad.params else bad.inputs)[name] = changed
            yield what, bad


# --- all together ------------------------------------------------------------------------------------

Check = Callable[[ModuleType, list[Point]], Iterator[str]]
CHECKS: tuple[Check, ...] = (unwritten, used_again, in_place, apart, forms, mistakes)


def stressed(module: ModuleType, checks: tuple[Check, ...] = ()) -> Iterator[str]:
    """What a module does not bear, in words; by default of all checks that its functions allow."""
    contract = Contract.of(module)
    checks = checks or (CHECKS if hasattr(module, "loss_and_grad") else (unwritten,))
    for dtype in DTYPES:
        points = points_of(contract, dtype)
        yield from (f"{dtype.__name__}: {text}" for check in checks for text in check(module, points))
