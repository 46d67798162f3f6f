"""The test at hostile points: the emitted module, in both precisions, against the exact results.

What a number of the precision cannot hold is no mistake: where the exact loss is beyond it, or is not defined, nothing
is asked of the results.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import mpmath
import numpy as np

from symnet.errors import UsageError
from symnet.ir.interpret import interpret
from symnet.ir.show import show_statement
from symnet.language.network import Network
from symnet.planning.costs import volume
from symnet.stability.emitted import outcome
from symnet.stability.exact import FEW, arithmetic, each, exact_results, finite
from symnet.stability.points import POINTS, TINY, Point, single
from symnet.stability.programs import Prepared
from symnet.trace.values import starting_values

Array = np.ndarray[Any, Any]

MOST_POINTS = 200_000  # of all statements together: what the interpreter does in some seconds
ROUNDED = 2**12  # so many ulps are rounding, whatever cancels
CANCELLED = 2**16  # times the last place of 1 is what cancels in the sums of a small network
SENSITIVE = 100  # an error that is so many times what the last place of the inputs makes of the result is no mistake
PRECISIONS: tuple[Any, ...] = (np.float64, np.float32)


@dataclass(frozen=True)
class Test:
    """What became of one result at one point in one precision.

    word      ok
              absolute  right next to 1 or to gradients where nothing is saturated (see `Trial.scale`), but not next to
                        the largest value of its own tensor: what is left of terms that cancel
              delicate  half of the digits are lost, and as many where the given numbers change by their last place
              lost      half of the digits are lost
              wrong     NaN or infinite although there is an exact value
              open      there is no exact value that a number of the precision can hold
    ulps      the largest error in units of the last place of the largest exact value, or of 1 if absolute; None where
              there is none
    own       the largest error of an element in units of its own last place
    warnings  what NumPy warned of, where every result has an exact value
    first     for a wrong one: the first statement whose value is wrong, as a formula
    """

    precision: str
    point: str
    result: str
    word: str
    ulps: float | None = None
    own: float | None = None
    warnings: tuple[str, ...] = ()
    first: str = ""

    @property
    def finding(self) -> bool:
        """Whether a user has to know of it."""
        return self.word in ("wrong", "lost") or bool(self.warnings)


def tests(net: Network, found: Prepared, module: Any) -> Iterator[Test]:
    """Every result at every point in both precisions. UsageError where the network is too large."""
    drawn, sizes = starting_values(net, {})
    work = sum(volume(extent for _, extent in s.domain).value(sizes) for s in found.program.statements)
    if work > MOST_POINTS:
        raise UsageError(
            f"the network is too large to be calculated with 50 digits: {work:,} terms, at most {MOST_POINTS:,}",
            hint="give it smaller sizes: with --set, or `example N = 2` in the spec",
        )
    for point in POINTS:
        trial = Trial(net, found, module, point, drawn, sizes)
        for precision in PRECISIONS:
            yield from trial.tests(precision)


class Trial:
    """A network at one point."""

    def __init__(
        self,
        net: Network,
        found: Prepared,
        module: Any,
        point: Point,
        drawn: Mapping[str, Array],
        sizes: Mapping[str, int],
    ) -> None:
        self.net, self.found, self.module, self.point, self.sizes = net, found, module, point, sizes
        self.values = {name: point.of(net.tensors[name], single(array), sizes) for name, array in drawn.items()}
        self.runs = {precision: outcome(module, net, self.values, precision) for precision in PRECISIONS}
        self.exact = exact_results(found, self.values, sizes, self.runs[np.float64].results)
        self.moved: dict[float, dict[str, Array]] = {}

    def tests(self, precision: Any) -> Iterator[Test]:
        """Every result in one precision."""
        limits, name = np.finfo(precision), np.dtype(precision).name
        asked = {key: _held(exact, limits) for key, exact in self.exact.items()}
        objective = self.net.objective
        aimless = objective is not None and not asked[objective].all()
        run = self.runs[precision]
        warned = self.warned(run.warnings, limits) if not aimless and all(p.all() for p in asked.values()) else ()
        for key, exact in self.exact.items():
            got, demanded = run.results[key], asked[key]
            if aimless or not demanded.any():
                yield Test(name, self.point.name, key, "open")
            elif (demanded & ~np.isfinite(got)).any():
                yield Test(name, self.point.name, key, "wrong", first=self.first(limits))
            else:
                found = Error.of(got[demanded], exact[demanded], limits)
                word = self.word(key, found, limits)
                ulps = found.worst / _unit(self.scale(key) if word == "absolute" else found.largest, limits)
                yield Test(name, self.point.name, key, word, float(ulps), found.own, warned)

    def word(self, key: str, error: Error, limits: Any) -> str:
        """What the error of a result comes to."""
        eps = float(limits.eps)
        if error.worst <= eps * ROUNDED * error.largest:
            return "ok"
        if error.worst <= eps * CANCELLED * self.scale(key):
            return "absolute"
        if error.worst <= eps**0.5 * error.largest:
            return "ok"
        return "delicate" if error.worst <= SENSITIVE * self.movement(key, eps) else "lost"

    def scale(self, key: str) -> float:
        """1 or the largest value of the tensor; for a gradient 1, the largest of all, or the largest that these inputs
        give with small parameters, which saturate nothing."""
        gradients = {f"d{name}" for name in self.net.tensors}
        others = [k for k in self.exact if k == key or (key in gradients and k in gradients)]
        values = [abs(v) for k in others for v in self.exact[k][finite(self.exact[k])].flat]
        values += [abs(v) for k in others if k in gradients for v in self.small[k].flat if np.isfinite(v)]
        return max(1.0, float(min(max(values, default=0), float(np.finfo(float).max))))

    @cached_property
    def small(self) -> Mapping[str, Array]:
        """What the module gives for these inputs and small parameters."""
        parameters = {name for name, d in self.net.tensors.items() if d.role == "param"}
        values = {name: array * TINY if name in parameters else array for name, array in self.values.items()}
        return outcome(self.module, self.net, values, np.float64).results

    def movement(self, key: str, eps: float) -> float:
        """How far a result moves where every number that is given moves by its last place."""
        if eps not in self.moved:
            rng = np.random.default_rng(0)
            values = {
                name: array if array.dtype.kind in "iu" else array * (1 + eps * rng.choice((-1.0, 1.0), array.shape))
                for name, array in self.values.items()
            }
            self.moved[eps] = exact_results(self.found, values, self.sizes)
        pairs = zip(self.moved[eps][key].flat, self.exact[key].flat, strict=True)
        return max((float(abs(a - b)) for a, b in pairs if mpmath.isfinite(a) and mpmath.isfinite(b)), default=0.0)

    def warned(self, warnings: tuple[str, ...], limits: Any) -> tuple[str, ...]:
        """Those warnings that are of the program.

        A kernel of OpenBLAS for AVX-512, the product of a float32 matrix of five columns and a vector, also calculates
        with what it finds in its memory, for lanes that it leaves out of the result. So a product of matrices warns
        rightly only where a value of the program is NaN or too large.
        """
        own = tuple(text for text in warnings if not text.endswith(" encountered in dot"))
        return own if own == warnings or self.holds(limits) else warnings

    def holds(self, limits: Any) -> bool:
        """Whether the precision can hold every value of the program."""
        program = self.found.program
        values = {name: array for name, array in self.values.items() if name in program.tensors}
        doubles = interpret(program, values, self.sizes)
        return all(bool((np.abs(doubles[name]) <= limits.max).all()) for name in program.tensors)

    def first(self, limits: Any) -> str:
        """The first statement of the program whose value is beyond the precision, or NaN, and should not be."""
        program, greatest = self.found.program, float(limits.max)
        values = {name: array for name, array in self.values.items() if name in program.tensors}
        doubles = interpret(program, values, self.sizes)
        exact = interpret(program, values, self.sizes, arithmetic=arithmetic(FEW))
        for s in program.statements:
            name = s.target.tensor
            if program.tensors[name].integer:
                continue
            infinite = each(lambda v: bool(mpmath.isinf(v)), exact[name])
            if (np.isnan(doubles[name]) | (np.abs(doubles[name]) > greatest) & ~infinite).any():
                return show_statement(s, program.tensors, adds=len(program.writers[name]) > 1)
        return ""


def _held(exact: Array, limits: Any) -> Array:
    """Where the exact value is one that the precision can hold."""
    greatest = float(limits.max)
    return finite(exact) & each(lambda v: bool(abs(v) <= greatest), exact)


@dataclass(frozen=True)
class Error:
    """The largest error of a result, the largest exact value, and the largest error in ulps of the element itself.

    What is below the smallest normal number counts as 0, and a tensor of nothing else as 1.
    """

    worst: float
    largest: float
    own: float

    @staticmethod
    def of(got: Array, exact: Array, limits: Any) -> Error:
        """The errors of some values of one precision."""
        tiny = float(limits.smallest_normal)
        errors = [abs(mpmath.mpf(float(g)) - e) for g, e in zip(got.flat, exact.flat, strict=True)]
        errors = [error if error > tiny else 0 for error in errors]
        own = max(float(error / _unit(e, limits)) for error, e in zip(errors, exact.flat, strict=True))
        largest = float(max(abs(e) for e in exact.flat))
        return Error(float(max(errors)), largest if largest > tiny else 1.0, own)


def _unit(value: Any, limits: Any) -> float:
    """The unit in the last place of a value."""
    dtype = limits.dtype.type
    return float(np.spacing(dtype(max(float(abs(value)), float(limits.smallest_normal)))))
