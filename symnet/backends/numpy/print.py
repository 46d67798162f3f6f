"""Extents, shapes and numbers as Python source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

import sympy as sp

from symnet.ir.functions import INFINITY
from symnet.language.extents import Atom, Extent


def extent_source(extent: Extent, names: Mapping[str, str]) -> str:
    """An extent as a Python expression over the names of sizes: `2 * N + 1`, `(H - K) // 2 + 1`."""
    if not extent.terms:
        return "0"
    text = ""
    for monomial, coefficient in sorted(extent.terms, key=lambda term: term[1] < 0 or not term[0]):
        factors = [_atom(atom, names) for atom in monomial]
        if abs(coefficient) != 1 or not factors:
            factors.insert(0, str(abs(coefficient)))
        if len(factors) > 1 or (coefficient < 0 and not text):
            factors = [f"({factor})" if "//" in factor else factor for factor in factors]
        product = " * ".join(factors)
        if text:
            text += f" - {product}" if coefficient < 0 else f" + {product}"
        else:
            text = f"-{product}" if coefficient < 0 else product
    return text


def _atom(atom: Atom, names: Mapping[str, str]) -> str:
    if isinstance(atom, str):
        return names.get(atom, atom)
    return f"{factor_source(atom.numerator, names)} // {atom.denominator}"


def factor_source(extent: Extent, names: Mapping[str, str]) -> str:
    """The same, in parentheses where it is to be a factor."""
    text = extent_source(extent, names)
    return text if text.isidentifier() or text.isdigit() else f"({text})"


def tuple_source(items: Iterable[str]) -> str:
    """A tuple display: `(N, 64)`, `(N,)`, `()`."""
    parts = list(items)
    return f"({parts[0]},)" if len(parts) == 1 else f"({', '.join(parts)})"


def shape_source(extents: Iterable[Extent], names: Mapping[str, str]) -> str:
    """A shape as a tuple of Python expressions."""
    return tuple_source(extent_source(extent, names) for extent in extents)


def slice_source(start: str, stop: str, step: str = "") -> str:
    """A slice as a formatter writes it: blanks around the colons where a part is more than a name or a number."""
    parts = [start, stop, step] if step else [start, stop]
    simple = all(not part or part.replace("_", "").lstrip("-").isalnum() for part in parts)
    if simple:
        return ":".join(parts)
    text = parts[0]
    for part in parts[1:]:
        text += (" :" if text else ":") + (f" {part}" if part else "")
    return text


def number_source(value: sp.Expr | Fraction | float | int) -> str:
    """A number as Python source: exact where it is short, else the nearest float64."""
    if value == INFINITY or value == float("inf"):
        return "np.inf"
    if value == -INFINITY or value == -float("inf"):
        return "-np.inf"
    if isinstance(value, sp.Rational):
        value = Fraction(int(value.p), int(value.q))
    if isinstance(value, sp.Expr):
        return _float_source(value.evalf(25))
    if isinstance(value, float) and not value.is_integer():
        return _float_source(value)
    value = Fraction(value)
    if value.denominator == 1:
        return str(value.numerator) if abs(value.numerator) < 10**15 else _float_source(value)
    decimal = _float_source(value)
    if Fraction(decimal) == value:
        return decimal
    if max(abs(value.numerator), value.denominator) < 10**6:
        return f"{value.numerator} / {value.denominator}"
    return decimal


def _float_source(value: sp.Expr | Fraction | float) -> str:
    """The nearest float64 as a formatter writes it: 1e30, not 1e+30."""
    return repr(float(value)).replace("e+", "e")
