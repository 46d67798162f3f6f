"""Polynomials in one array by Horner's rule: x*(a + b*x**2) in the place of a*x + b*x**3.

Each term then takes a product and a sum, without a power of its own, and the result is at least as exact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise

import sympy as sp

from symnet.planning.rows import HORNER, POWERS

Coefficients = dict[int, sp.Expr]


def polynomial(body: sp.Add, has_array: Callable[[sp.Expr], bool]) -> tuple[sp.Expr, Coefficients] | None:
    """The array and the coefficients by power, highest first, of a polynomial; None where that is no better."""
    base, found = None, Coefficients()
    for term in body.args:
        arrays = [factor for factor in sp.Mul.make_args(term) if has_array(factor)]
        if len(arrays) > 1:
            return None
        own, power = _power(arrays[0]) if arrays else (base, 0)
        if base is not None and own != base:
            return None
        base = own
        found[power] = found.get(power, sp.S.Zero) + term / sp.Mul(*arrays)
    if base is None or len([power for power in found if power]) < 2:
        return None
    coefficients = {power: found[power] for power in sorted(found, reverse=True)}
    before, after = _written_out(coefficients), _nested(coefficients)
    return (base, coefficients) if HORNER(before, after) and all(map(POWERS, steps(coefficients))) else None


def steps(coefficients: Coefficients) -> list[int]:
    """The powers to multiply with, one after the other: from each coefficient to the next, at last to the constant."""
    found = [high - low for high, low in pairwise(coefficients)]
    last = list(coefficients)[-1]
    return [*found, last] if last else found


def _power(factor: sp.Expr) -> tuple[sp.Expr, int]:
    if isinstance(factor, sp.Pow) and factor.exp.is_Integer and factor.exp > 0:
        return factor.base, int(factor.exp)
    return factor, 1


def _written_out(coefficients: Coefficients) -> int:
    """How many operations the terms take one by one."""
    products = len([c for power, c in coefficients.items() if power > 0 and abs(c) != 1])
    return _for_powers(coefficients) + products + len(coefficients) - 1


def _nested(coefficients: Coefficients) -> int:
    """How many operations Horner's rule takes."""
    first = next(iter(coefficients.values()))
    each = steps(coefficients)
    return _for_powers(each) + int(abs(first) != 1) + len(coefficients) - 1 + len(each) - 1


def _for_powers(powers: Iterable[int]) -> int:
    """The operations for some powers: squares, and products where a power is odd."""
    wanted: set[int] = set()
    for power in powers:
        while power > 1:
            wanted.add(power)
            power //= 2
    return sum(1 + power % 2 for power in wanted)
