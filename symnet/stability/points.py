"""Hostile points: where a formula as written overflows, divides 0 by 0, cancels, or stands on a kink.

Every value is one of single precision, so that both precisions are tested at the same point.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from symnet.language.network import TensorDecl

Array = np.ndarray[Any, Any]
Change = Callable[[Array], Array]

TINY = 2.0**-27  # about 1e-8: its square is below the last place of 1 in both precisions


def _thousands(drawn: Array) -> Array:
    """1000 with the sign of what is drawn; 0 counts as + and - by turns."""
    turns = 1.0 - 2.0 * (np.arange(drawn.size).reshape(drawn.shape) % 2)
    return np.where(drawn == 0, turns, np.sign(drawn)) * 1000.0


def _same(drawn: Array) -> Array:
    return drawn


def _tiny(drawn: Array) -> Array:
    return drawn * TINY


def _filled(value: float) -> Change:
    return lambda drawn: np.full(drawn.shape, value)


def _masked(drawn: Array) -> Array:
    """-inf in every second place, and in all places of the first row."""
    odd = np.arange(drawn.size).reshape(drawn.shape) % 2 == 1
    first = np.arange(drawn.size).reshape(drawn.shape) < (drawn.shape[-1] if drawn.ndim > 1 else 0)
    return np.where(odd | first, -np.inf, drawn)


@dataclass(frozen=True)
class Point:
    """How inputs, parameters and integer inputs differ from those that are drawn. An integer is None (as drawn), 0 or
    -1 (the greatest)."""

    name: str
    inputs: Change
    params: Change
    integers: int | None

    def of(self, d: TensorDecl, drawn: Array, sizes: Mapping[str, int]) -> Array:
        """The values of a given tensor here. Inputs with declared limits stay as drawn, and so do states."""
        if d.integer:
            bound = d.bound.value(sizes) if d.bound is not None else 2
            given = self.integers is not None and d.role == "input"
            return np.full(drawn.shape, (self.integers or 0) % bound, dtype=np.int64) if given else drawn
        limited = d.sampler is not None and d.sampler.name == "uniform"
        moved = d.role == "param" or (d.role == "input" and not limited)
        change = self.params if d.role == "param" else self.inputs
        return single(change(drawn) if moved else drawn)


def single(array: Array) -> Array:
    """The nearest values of single precision, in double precision; integers as they are."""
    return array if array.dtype.kind in "iu" else array.astype(np.float32).astype(np.float64)


POINTS = (
    Point("as drawn", _same, _same, None),
    Point("inputs ±1000", _thousands, _same, 0),
    Point("parameters ±1000", _same, _thousands, None),
    Point("inputs 0", _filled(0.0), _same, 0),
    Point("parameters 0", _same, _filled(0.0), -1),
    Point("all 1", _filled(1.0), _filled(1.0), None),
    Point("inputs 1e-8", _tiny, _same, None),
    Point("parameters 1e-8", _same, _tiny, None),
    Point("inputs -inf", _masked, _same, None),
)
