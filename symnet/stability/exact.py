"""The exact results at a point: those of the spec as it is written, with as many digits as that takes.

The program without any rewrite is calculated with 400 digits, so that a difference of 1 and 1e-300 is seen. Where the
module agrees to some digits, or the emitted program at 50 digits does, that is the value; else digits are added until
two results agree. What has no value at all as it is written, 0/0 for instance, has the one that the conventions of the
emitted program give it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import mpmath
import numpy as np

from symnet.ir.arithmetic import Arithmetic, Number, digits
from symnet.ir.functions import power
from symnet.ir.interpret import interpret
from symnet.ir.program import Program
from symnet.stability.programs import Prepared

Array = np.ndarray[Any, Any]
Values = Mapping[str, Array]

FEW, MANY = 50, (400, 1600, 6400)
BEYOND = mpmath.mpf(10) ** 1000  # an argument from here on counts as infinite: functions of it take unbounded time
CLOSE, NOTHING = mpmath.mpf(10) ** -25, mpmath.mpf(10) ** -40
SOME = 1e-9


def exact_results(
    found: Prepared, values: Values, sizes: Mapping[str, int], doubles: Values | None = None
) -> dict[str, Array]:
    """Every result by its name, as arrays of mpmath numbers; infinite or NaN where there is no value.

    `doubles` are the results of the module in double precision.
    """
    program, results = found.literal
    names = [name for name, _ in found.results]
    literal = _run(program, results, values, sizes, MANY[0])
    if doubles is not None and all(_seconds(doubles[name], literal[name]) for name in names):
        return {name: literal[name] for name in names}
    emitted = _run(found.program, found.results, values, sizes, FEW)
    earlier: dict[str, Array] | None = None
    for count in MANY:
        literal = literal if count == MANY[0] else _run(program, results, values, sizes, count)
        literal = {name: literal[name] for name in names}
        settled = earlier is not None and _agree(literal, earlier) and _as_finite(literal, emitted)
        if settled or _agree(literal, emitted):
            break
        earlier = literal
    return {name: np.where(~finite(literal[name]), emitted[name], literal[name]) for name in emitted}


def finite(array: Array) -> Array:
    """Where an array of mpmath numbers is neither infinite nor NaN."""
    return each(lambda v: bool(mpmath.isfinite(v)), array)


def each(test: Callable[[Number], bool], array: Array) -> Array:
    """A test of every element."""
    return np.array([test(v) for v in array.flat], dtype=bool).reshape(array.shape)


def _run(
    program: Program, results: tuple[tuple[str, str], ...], values: Values, sizes: Mapping[str, int], count: int
) -> dict[str, Array]:
    given = {name: array for name, array in values.items() if name in program.tensors}
    found = interpret(program, given, sizes, arithmetic=arithmetic(count))
    common = digits(MANY[-1]).number
    return {name: _converted(found[tensor], common) for name, tensor in results}


def _converted(array: Array, number: Callable[[Any], Number]) -> Array:
    out = np.empty(array.size, dtype=object)
    out[:] = [number(v) for v in array.flat]
    return out.reshape(array.shape)


def _seconds(doubles: Array, exact: Array) -> bool:
    """Whether the module has some right digits of every value, all of which exist."""
    pairs = list(zip(doubles.flat, exact.flat, strict=True))
    if not all(np.isfinite(d) and mpmath.isfinite(e) for d, e in pairs):
        return False
    allowed = SOME * max(1, max((abs(e) for _, e in pairs), default=0))
    return all(abs(float(d) - e) <= allowed for d, e in pairs)


def _agree(some: Mapping[str, Array], others: Mapping[str, Array]) -> bool:
    return all(_close(some[name], others[name]) for name in some)


def _close(some: Array, others: Array) -> bool:
    largest = max((abs(v) for v in some.flat if mpmath.isfinite(v)), default=0)
    allowed = NOTHING * max(1, largest)
    return all(
        a == b or (a != a and b != b) or (mpmath.isfinite(a) and abs(a - b) <= CLOSE * abs(a) + allowed)
        for a, b in zip(some.flat, others.flat, strict=True)
    )


def _as_finite(literal: Mapping[str, Array], emitted: Mapping[str, Array]) -> bool:
    """Whether nothing has a value only in the program as it is emitted: more digits may give it one."""
    return not any((finite(emitted[name]) & ~finite(literal[name])).any() for name in emitted)


# --- many digits in bounded time -------------------------------------------------------------------


@lru_cache(maxsize=8)
def arithmetic(count: int) -> Arithmetic:
    """So many digits, with functions that take huge arguments for infinite ones."""
    plain = digits(count)

    def tamed(function: Callable[..., Number]) -> Callable[..., Number]:
        def call(*arguments: Number) -> Number:
            return function(
                *(plain.number(float("inf" if a > 0 else "-inf")) if abs(a) > BEYOND else a for a in arguments)
            )

        return call

    functions = {key: tamed(f) for key, f in plain.functions.items()}
    return replace(plain, functions=functions, power=tamed(plain.functions[power]))
