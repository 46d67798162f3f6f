"""Slopes by central differences, and what they say about a claimed derivative.

A slope is taken at h, h/2 and h/4 and extrapolated (Richardson 1911; Ridders, Advances in Engineering Software 4,
1982), so that its error is of order h^6. The step shrinks until the extrapolation settles, so a kink or a pole that
is near is left outside. A kink at the point itself is told by its one-sided slopes: where a function is smooth, the
difference between right and left slope shrinks with the step; at a kink it stays.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

Line = Callable[[float], float]  # the function along a line: t to f(point + t * direction)

STEPS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7)
AGREED = 1e-8  # a relative difference that needs no second look
FLOOR = 1e7  # how many times its rounding error a slope has to be before its relative error is taken in full


@dataclass(frozen=True, slots=True)
class Slope:
    """A slope by differences with step h. `truncation` and `rounding` estimate the two parts of its error."""

    value: float
    truncation: float
    rounding: float
    left: float
    right: float
    kink: bool

    @property
    def uncertainty(self) -> float:
        """How far from the truth it may be."""
        return self.truncation + self.rounding

    def error(self, claimed: float) -> float:
        """The relative error of a claimed derivative, damped where the slope itself is near its rounding error."""
        if not math.isfinite(claimed):
            return math.inf
        return abs(claimed - self.value) / (max(abs(claimed), abs(self.value)) + FLOOR * self.rounding)

    def agrees(self, claimed: float, others: list[Slope]) -> bool:
        """Whether a smaller step could say no more: they differ by next to nothing, or by rounding alone.

        Rounding grows as the step shrinks, so it excuses a difference only where none of the `others` is known better.
        """
        distance = abs(claimed - self.value)
        if distance <= AGREED * abs(claimed):
            return True
        best = all(self.uncertainty <= other.uncertainty for other in others if not other.kink)
        return best and max(distance, self.truncation) <= self.rounding

    def holds(self, claimed: float) -> bool:
        """Whether a claimed derivative lies between the one-sided slopes: all that can be asked at a kink."""
        slack = 1e-4 * max(abs(self.left), abs(self.right)) + self.rounding
        return min(self.left, self.right) - slack <= claimed <= max(self.left, self.right) + slack


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the differences say of one claimed derivative: `right`, `wrong`, `kink`, or `open` if they cannot tell."""

    word: str
    error: float
    claimed: float
    measured: float
    resolution: float


def noise_of(line: Line, middle: float) -> float:
    """The rounding error in values of `line`: the largest second difference over steps too small to see curvature.

    `middle` is the value at 0.
    """
    values = [line(k * 1e-11) if k else middle for k in range(-3, 4)]
    if not all(map(math.isfinite, values)):
        return 0.0
    seconds = [abs(a - 2 * b + c) for a, b, c in zip(values, values[1:], values[2:], strict=False)]
    return max(0.5 * max(seconds), 1.1e-16 * max(map(abs, values)), 1e-300)


def slope(line: Line, middle: float, h: float, noise: float) -> Slope | None:
    """The slope of `line` at 0, whose value there is `middle`; None if a value on the way is not finite."""
    above = [line(h), line(h / 2), line(h / 4)]
    below = [line(-h), line(-h / 2), line(-h / 4)]
    if not all(map(math.isfinite, above + below)):
        return None
    d1, d2, d4 = ((a - b) / (2 * h / k) for a, b, k in zip(above, below, (1, 2, 4), strict=True))
    r1, r2 = (4 * d2 - d1) / 3, (4 * d4 - d2) / 3
    value = (16 * r2 - r1) / 15
    jump = abs((above[0] - middle) - (middle - below[0])) / h
    small = 4 * abs((above[2] - middle) - (middle - below[2])) / h
    right, left = 4 * (above[2] - middle) / h, 4 * (middle - below[2]) / h
    return Slope(
        value=value,
        truncation=abs(value - r2),
        rounding=4 * noise / h,
        left=left,
        right=right,
        kink=small > 0.5 * jump and small > 100 * noise / h,
    )


def compare(
    line: Line, claimed: float, *, unit: float, noise: float, tolerance: float, middle: float | None = None
) -> Verdict:
    """Hold a claimed derivative of `line` at 0 against differences, with smaller steps until they can tell.

    `unit` scales the steps. A claim that differs by more than `tolerance` is wrong only if the slope is known better
    than that; a claim at a kink is wrong if it lies outside of the one-sided slopes.
    `middle` is the value at 0 where it is known.
    """
    middle = line(0.0) if middle is None else middle
    slopes: list[Slope] = []
    for step in STEPS:
        found = slope(line, middle, step * unit, noise)
        if found is None:
            continue
        if not found.kink and found.agrees(claimed, slopes):
            return Verdict("right", found.error(claimed), claimed, found.value, found.uncertainty)
        slopes.append(found)
    if not slopes:
        return Verdict("open", 0.0, claimed, math.nan, math.inf)
    smooth = [found for found in slopes if not found.kink]
    best = min(smooth or slopes, key=lambda found: found.uncertainty)
    error = best.error(claimed)
    return Verdict(_word(best, claimed, error, tolerance), error, claimed, best.value, best.uncertainty)


def _word(best: Slope, claimed: float, error: float, tolerance: float) -> str:
    if not math.isfinite(claimed):
        return "wrong"
    if best.kink:
        return "kink" if best.holds(claimed) else "wrong"
    if error <= tolerance:
        return "right"
    return "wrong" if abs(claimed - best.value) > 5 * best.uncertainty else "open"
