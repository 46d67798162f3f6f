"""Moving through the space of all tensors of a module: single entries, random directions, and the search in between.

A direction moves entries of one or several tensors at once. One that disagrees with the claimed gradient is halved,
tensor by tensor and then entry by entry, until the entry is found that is wrong.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from symnet.contract import Array
from symnet.differences import Line, Verdict, compare, noise_of

MOST_WEIGHT = 1e3  # how much further a tensor with a small gradient is moved than one with a large gradient
PIECE = 2**15  # so many entries move at once


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a direction in one tensor: the entry `start + k` moves by t * `length` * `steps[k]`.

    Steps are small whole numbers, so that a direction over a large tensor takes an eighth of its memory.
    """

    tensor: str
    start: int
    steps: Array
    length: float = 1.0

    @property
    def where(self) -> slice:
        """The entries that move: neighbours, so that large tensors move as fast as memory goes."""
        return slice(self.start, self.start + self.steps.size)

    def halves(self) -> tuple[Part, Part]:
        """Its first and its second half."""
        middle = self.steps.size // 2
        return (
            Part(self.tensor, self.start, self.steps[:middle], self.length),
            Part(self.tensor, self.start + middle, self.steps[middle:], self.length),
        )


Direction = tuple[Part, ...]


@dataclass(frozen=True)
class Space:
    """A scalar function of some tensors around a point, and the gradient claimed for it there.

    value      the function at the tensors' present values
    tensors    name to a flat view of the array that the function reads
    gradient   name to the claimed gradient, flat
    noise      the rounding error of a value
    tolerance  the relative error above which a claim is wrong
    kept       a copy of the tensors before anything moves, where there is one
    known      the function where nothing has moved, where that is known
    """

    value: Callable[[], float]
    tensors: dict[str, Array]
    gradient: dict[str, Array]
    noise: float
    tolerance: float
    kept: dict[str, Array] | None = None
    known: float | None = None

    @cached_property
    def start(self) -> dict[str, Array]:
        """A copy of the tensors before anything moves."""
        return self.kept or {name: value.copy() for name, value in self.tensors.items()}

    @cached_property
    def middle(self) -> float:
        """The function where nothing has moved, from which all lines start."""
        return self.value() if self.known is None else self.known

    def with_noise(self, direction: Direction) -> Space:
        """The same space with the rounding error of a value, seen from how it jitters along a direction."""
        with self.line(direction) as line:
            noise = noise_of(line, self.middle)
        return replace(self, noise=noise, kept=self.start, known=self.middle)

    @contextmanager
    def line(self, direction: Direction) -> Iterator[Line]:
        """The function along a direction; what it moves is back in its place afterwards."""
        views = [self.tensors[part.tensor][part.where] for part in direction]
        bases = [self.start[part.tensor][part.where] for part in direction]

        def value(t: float) -> float:
            for part, view, base in zip(direction, views, bases, strict=True):
                _move(view, base, part, t)
            return self.value()

        try:
            yield value
        finally:
            for view, base in zip(views, bases, strict=True):
                view[:] = base

    def verdict(self, direction: Direction) -> Verdict:
        """What differences say of the claimed slope along a direction."""
        claimed = math.fsum(float(self._slopes(part).sum()) for part in direction)
        views = [self.tensors[part.tensor][part.where] for part in direction]
        unit = max(1.0, *(max(float(view.max()), -float(view.min())) for view in views))
        middle = self.middle
        with self.line(direction) as line:
            return compare(line, claimed, unit=unit, noise=self.noise, tolerance=self.tolerance, middle=middle)

    def entry(self, name: str, position: int) -> Verdict:
        """What differences say of one entry."""
        return self.verdict((Part(name, position, np.ones(1)),))

    def random(self, names: list[str], rng: np.random.Generator) -> Direction:
        """A direction that moves every entry of these tensors up or down, each tensor so far that it counts."""
        sizes = [float(np.linalg.norm(self.gradient[name])) / math.sqrt(self.gradient[name].size) for name in names]
        most, count = max(sizes), sum(self.tensors[name].size for name in names)
        parts = []
        for name, size in zip(names, sizes, strict=True):
            weight = min(MOST_WEIGHT, most / size) if size > 0 else 1.0
            length = weight / math.sqrt(count)
            parts.append(Part(name, 0, _signs(self.tensors[name].size, rng), length))
        return tuple(parts)

    def suspicion(self, direction: Direction, verdict: Verdict) -> float:
        """How wrong a single entry would be, relative to a typical one, if it alone explained the disagreement."""
        distance = abs(verdict.claimed - verdict.measured)
        if verdict.word in ("kink", "open") or distance <= 5 * verdict.resolution:
            return 0.0
        squares = np.concatenate([self._slopes(part) ** 2 for part in direction])
        return distance / (float(np.sqrt(squares.mean())) + 1e-300)

    def search(self, direction: Direction) -> tuple[str, int]:
        """The tensor and the entry that make a direction wrong."""
        while len(direction) > 1 or direction[0].steps.size > 1:
            middle = len(direction) // 2
            one, other = (direction[:middle], direction[middle:]) if middle else _halves(direction[0])
            verdicts = self.verdict(one), self.verdict(other)
            distances = [abs(verdict.claimed - verdict.measured) for verdict in verdicts]
            direction = other if distances[1] > distances[0] else one
        return direction[0].tensor, direction[0].start

    def _slopes(self, part: Part) -> Array:
        slopes: Array = np.multiply(part.steps, part.length, dtype=np.float64)
        slopes *= self.gradient[part.tensor][part.where]
        return slopes


def _move(view: Array, base: Array, part: Part, t: float) -> None:
    """Put base + t * length * steps into the view, in pieces that stay in the cache."""
    for start in range(0, view.size, PIECE):
        piece = view[start : start + PIECE]
        piece[...] = part.steps[start : start + PIECE]
        piece *= t * part.length
        piece += base[start : start + PIECE]


def _signs(size: int, rng: np.random.Generator) -> Array:
    """So many random signs, drawn in pieces: what is drawn takes eight times their memory."""
    signs = np.empty(size, np.int8)
    for start in range(0, size, PIECE):
        piece = signs[start : start + PIECE]
        piece[...] = rng.integers(0, 2, piece.size)
    signs *= 2
    signs -= 1
    return signs


def _halves(part: Part) -> tuple[Direction, Direction]:
    one, other = part.halves()
    return (one,), (other,)
