"""The test at hostile points: doubles against 50 digits, both by the interpreter.

A point is hostile where a formula as written overflows, divides 0 by 0 or stands on a kink: logits of some thousands,
all values equal, all 0. What a double cannot hold is no mistake: where the exact loss is beyond the doubles, or is not
defined, nothing is asked of the results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import mpmath
import numpy as np

from symnet.errors import UsageError
from symnet.ir.arithmetic import DIGITS50, Arithmetic, Number
from symnet.ir.functions import power
from symnet.ir.interpret import interpret
from symnet.ir.program import Program
from symnet.ir.show import show_statement
from symnet.language.network import Network, TensorDecl
from symnet.planning.costs import volume
from symnet.stability.programs import Prepared
from symnet.trace.values import starting_values

Array = np.ndarray[Any, Any]

MOST_POINTS = 200_000  # of all statements together: what the interpreter does in some seconds
BEYOND = mpmath.mpf(10) ** 1000  # an argument from here on counts as infinite: functions of it take unbounded time
NOTHING = 1e-30  # what terms leave that cancel, with 50 digits, or with saturated functions: errors are those of 1
GREATEST = float(np.finfo(float).max)


@dataclass(frozen=True)
class Test:
    """What became of one result at one point.

    ulps     the largest error, in units of the last place of the largest exact value (of 1 where all are below
             1e-30); None where nothing can be compared
    word     ok, wrong (NaN or infinite although the exact value is a double), or open (no exact value that is a double)
    first    for a wrong one: the first statement whose value is wrong, as a formula
    """

    point: str
    result: str
    ulps: float | None
    word: str
    first: str = ""


# --- the points ------------------------------------------------------------------------------------

Change = Callable[[Array], Array]


def _thousands(drawn: Array) -> Array:
    """1000 with the sign of what is drawn; 0 counts as + and - by turns."""
    turns = 1.0 - 2.0 * (np.arange(drawn.size).reshape(drawn.shape) % 2)
    return np.where(drawn == 0, turns, np.sign(drawn)) * 1000.0


def _same(drawn: Array) -> Array:
    return drawn


def _filled(value: float) -> Change:
    return lambda drawn: np.full(drawn.shape, value)


@dataclass(frozen=True)
class Point:
    """How inputs, parameters and integer inputs differ from those that are drawn. An integer is None (as drawn), 0 or
    -1 (the greatest)."""

    name: str
    inputs: Change
    params: Change
    integers: int | None


POINTS = (
    Point("as drawn", _same, _same, None),
    Point("inputs ±1000", _thousands, _same, 0),
    Point("parameters ±1000", _same, _thousands, None),
    Point("inputs 0", _filled(0.0), _same, 0),
    Point("parameters 0", _same, _filled(0.0), -1),
    Point("all 1", _filled(1.0), _filled(1.0), None),
)


def _moved(d: TensorDecl, drawn: Array, point: Point, sizes: Mapping[str, int]) -> Array:
    """The values of a given tensor at a point. Inputs with declared limits stay as drawn, and so do states."""
    if d.role == "input" and d.integer:
        bound = d.bound.value(sizes) if d.bound is not None else 2
        return drawn if point.integers is None else np.full(drawn.shape, point.integers % bound, dtype=np.int64)
    if d.role == "param":
        return point.params(drawn)
    limited = d.sampler is not None and d.sampler.name == "uniform"
    return point.inputs(drawn) if d.role == "input" and not limited else drawn


# --- the test --------------------------------------------------------------------------------------


def tests(net: Network, found: Prepared) -> Iterator[Test]:
    """Every result at every point. UsageError where the network is too large."""
    drawn, sizes = starting_values(net, {})
    work = sum(volume(extent for _, extent in s.domain).value(sizes) for s in found.program.statements)
    if work > MOST_POINTS:
        raise UsageError(
            f"the network is too large to be calculated with 50 digits: {work:,} terms, at most {MOST_POINTS:,}",
            hint="give it smaller sizes: with --set, or `example N = 2` in the spec",
        )
    for point in POINTS:
        values = {name: _moved(net.tensors[name], array, point, sizes) for name, array in drawn.items()}
        yield from _Trial(found, values, sizes, net.objective).tests(point.name)


class _Trial:
    """A program at one point, in both arithmetics."""

    def __init__(
        self, found: Prepared, values: Mapping[str, Array], sizes: Mapping[str, int], objective: str | None
    ) -> None:
        self.found, self.values, self.sizes, self.objective = found, values, sizes, objective
        self.doubles = self.run(found.program, None)
        self.exact = self.run(found.program, EXACT)
        self.results = {name: self.exact[tensor] for name, tensor in found.results}
        if any(_undefined(array).any() for array in self.results.values()):
            self.ask_the_literal_program()

    def run(self, program: Program, arithmetic: Arithmetic | None) -> dict[str, Array]:
        values = {name: array for name, array in self.values.items() if name in program.tensors}
        more = {} if arithmetic is None else {"arithmetic": arithmetic}
        return interpret(program, values, self.sizes, **more)

    def ask_the_literal_program(self) -> None:
        """What has no value in the program as emitted may have one as the spec says it."""
        program, results = self.found.literal()
        values = self.run(program, EXACT)
        for name, tensor in results:
            if name in self.results:
                self.results[name] = np.where(_undefined(self.results[name]), values[tensor], self.results[name])

    def tests(self, point: str) -> Iterator[Test]:
        tensors = dict(self.found.results)
        aimless = self.objective is not None and not _holds(self.results[self.objective]).all()
        for name, exact in self.results.items():
            got, demanded = self.doubles[tensors[name]], _holds(exact)
            broken = demanded & ~np.isfinite(got)
            if aimless or not demanded.any():
                yield Test(point, name, None, "open")
            elif broken.any():
                yield Test(point, name, None, "wrong", self.first())
            else:
                yield Test(point, name, _ulps(got[demanded], exact[demanded]), "ok")

    def first(self) -> str:
        """The first statement that gives NaN or an infinite value in doubles and not with 50 digits; else that gives
        NaN at all."""
        program = self.found.program
        for s in program.statements:
            name = s.target.tensor
            if program.tensors[name].integer:
                continue
            got, exact = self.doubles[name], self.exact[name]
            if (np.isnan(got) | np.isinf(got) & ~_infinite(exact)).any():
                return show_statement(s, program.tensors, adds=len(program.writers[name]) > 1)
        return ""


def _infinite(array: Array) -> Array:
    return _each(lambda v: bool(mpmath.isinf(v)), array)


def _undefined(array: Array) -> Array:
    return _each(lambda v: not mpmath.isfinite(v), array)


def _holds(array: Array) -> Array:
    """Where the exact value is one that a double can hold."""
    return _each(lambda v: bool(abs(v) <= GREATEST), array)


def _each(test: Callable[[Number], bool], array: Array) -> Array:
    return np.array([test(v) for v in array.flat], dtype=bool).reshape(array.shape)


def _ulps(got: Array, exact: Array) -> float:
    largest = max(abs(v) for v in exact.flat)
    unit = float(np.spacing(float(largest) if largest > NOTHING else 1.0))
    return max(float(abs(g - e) / unit) for g, e in zip(got.flat, exact.flat, strict=True))


# --- fifty digits in bounded time ------------------------------------------------------------------


def _tamed(function: Callable[..., Number]) -> Callable[..., Number]:
    """A function that takes huge arguments for infinite ones."""

    def call(*arguments: Number) -> Number:
        return function(
            *(DIGITS50.number(float("inf") if a > 0 else float("-inf")) if abs(a) > BEYOND else a for a in arguments)
        )

    return call


EXACT = replace(
    DIGITS50,
    functions={key: _tamed(f) for key, f in DIGITS50.functions.items()},
    power=_tamed(DIGITS50.functions[power]),
)
