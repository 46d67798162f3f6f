"""Adjoint programs against differences of the forward program, both with the interpreter.

Differences are taken at 50 digits: a step of 1e-18 leaves an error of about 1e-36 and 30 digits of cancellation to
spare, so that what disagrees is the gradient and not the difference. One-sided differences that disagree tell a kink.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np

from symnet.ir.arithmetic import Arithmetic, Number
from symnet.ir.bundle import Differentiated
from symnet.ir.interpret import DIGITS50, FLOAT, interpret
from symnet.ir.program import Program
from symnet.passes.differentiate import differentiate
from symnet.passes.order import ordered

Values = Mapping[str, Any]
STEP = DIGITS50.number(Fraction(1, 10**18))


@dataclass(frozen=True)
class Disagreement:
    """A directional derivative that is wrong: of the results together, along a random direction of one tensor."""

    tensor: str
    adjoint: float
    difference: float

    def __str__(self) -> str:
        return f"d/d{self.tensor}: the adjoint gives {self.adjoint!r}, differences give {self.difference!r}"


def seeded(program: Program, wrt: tuple[str, ...], prefix: str = "grad_") -> Differentiated:
    """The program with the adjoints of `wrt`, every real result with an upstream adjoint of its own."""
    results = [name for name in program.results if not program.tensors[name].integer]
    derived = differentiate(program, {name: prefix + name for name in results}, wrt)
    return replace(derived, program=ordered(derived.program))


def upstream(derived: Differentiated, values: Values, sizes: Mapping[str, int], seed: int) -> dict[str, Any]:
    """The values, with random upstream adjoints."""
    rng = np.random.default_rng([seed, 2])
    extents = {name: derived.program.tensors[name].extents for _, name in derived.seeds}
    return {
        **values,
        **{name: rng.normal(size=tuple(extent.value(sizes) for extent in box)) for name, box in extents.items()},
    }


def pulled(
    derived: Differentiated, values: Values, sizes: Mapping[str, int], arithmetic: Arithmetic = FLOAT
) -> dict[str, Any]:
    """The gradients that the adjoint program calculates."""
    calculated = interpret(derived.program, values, sizes, arithmetic=arithmetic)
    return {name: calculated[adjoint] for name, adjoint in derived.gradients}


def disagreements(
    forward: Program, derived: Differentiated, values: Values, sizes: Mapping[str, int], seed: int, rtol: float = 1e-8
) -> list[Disagreement] | None:
    """The wrong directional derivatives, one direction for each tensor; None where the point is at a kink.

    `values` holds the upstream adjoints too.
    """
    given = {name: values[name] for name in forward.tensors if name in values}
    start = objective(forward, derived, values, given, sizes)
    gradients = pulled(derived, values, sizes)
    rng = np.random.default_rng([seed, 3])
    found = []
    for name, gradient in gradients.items():
        direction = rng.normal(size=np.shape(given[name]))
        ahead = objective(forward, derived, values, {**given, name: moved(given[name], direction, STEP)}, sizes)
        behind = objective(forward, derived, values, {**given, name: moved(given[name], direction, -STEP)}, sizes)
        scale = float(np.sum(np.abs(gradient * direction)))
        right, left = (ahead - start) / STEP, (start - behind) / STEP
        if not mpmath.isfinite(ahead - behind) or abs(right - left) > 1e-12 * (1 + scale + abs(right)):
            return None
        adjoint, difference = float(np.sum(gradient * direction)), float((ahead - behind) / (2 * STEP))
        error = abs(adjoint - difference) / (scale + 1e-3)
        if not error <= rtol and not (
            error < 1e-3 and only_rounding(derived, values, sizes, name, direction, difference)
        ):
            found.append(Disagreement(name, adjoint, difference))
    return found


def only_rounding(
    derived: Differentiated, values: Values, sizes: Mapping[str, int], name: str, direction: Any, difference: float
) -> bool:
    """Whether the adjoint is right at 50 digits, so that what is wrong are the roundings of large terms that cancel."""
    terms = pulled(derived, values, sizes, DIGITS50)[name] * direction
    return bool(abs(float(np.sum(terms)) - difference) <= 1e-14 * (abs(difference) + 1e-10))


def objective(
    forward: Program, derived: Differentiated, values: Values, given: Values, sizes: Mapping[str, int]
) -> Number:
    """The sum of all results times their upstream adjoints, at 50 digits."""
    calculated = interpret(forward, given, sizes, arithmetic=DIGITS50)
    total = DIGITS50.number(0)
    for name, seed in derived.seeds:
        for value, weight in zip(calculated[name].flat, np.ravel(values[seed]), strict=True):
            total += value * float(weight)
    return total


def moved(value: Any, direction: Any, step: Number) -> Any:
    """value + step*direction, without rounding."""
    result = np.empty(np.shape(value), dtype=object)
    for place in np.ndindex(np.shape(value)):
        result[place] = DIGITS50.number(float(np.asarray(value)[place])) + step * float(direction[place])
    return result
