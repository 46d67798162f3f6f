"""What a picture consists of: boxes, and pieces of edges as curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from symnet.report.graph import Path

Point = tuple[float, float]
Child = int | Path  # a node by its number, or a group by its path


@dataclass(frozen=True)
class Box:
    """A node, a closed group or an open one, by its upper left corner."""

    child: Child
    open: bool
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Piece:
    """Part of an edge: segments that are level where they begin and end. `edges` are those that it is part of.

    back   whether it leads from right to left, as the edges of a recurrence do
    loop   whether it leads from a node to itself
    arrow  whether it ends at a node, and not at the side of an open group
    """

    curve: tuple[tuple[Point, Point], ...]
    edges: tuple[int, ...]
    back: bool = False
    loop: bool = False
    arrow: bool = True
    label: Point | None = None

    @property
    def path(self) -> str:
        """The path as SVG has it."""
        return _loop(self.curve) if self.loop else _path(self.curve)

    def moved(self, x: float, y: float) -> Piece:
        """The same piece somewhere else."""
        return replace(self, curve=tuple(((a + x, b + y), (c + x, d + y)) for (a, b), (c, d) in self.curve))


@dataclass(frozen=True)
class Picture:
    """Boxes, an open group before what is in it, and pieces of edges."""

    boxes: tuple[Box, ...]
    pieces: tuple[Piece, ...]
    width: float
    height: float


def _path(segments: Sequence[tuple[Point, Point]]) -> str:
    """Straight where a segment is level, else an S with level ends."""
    text = f"M{_n(segments[0][0][0])} {_n(segments[0][0][1])}" if segments else ""
    for (x1, y1), (x2, y2) in segments:
        if y1 == y2:
            text += f"H{_n(x2)}"
        else:
            middle = _n((x1 + x2) / 2)
            text += f"C{middle} {_n(y1)} {middle} {_n(y2)} {_n(x2)} {_n(y2)}"
    return text


def _loop(segments: Sequence[tuple[Point, Point]]) -> str:
    ((x1, y1), (x2, y2)) = segments[0]
    return f"M{_n(x1)} {_n(y1)}C{_n(x1 + 8)} {_n(y1 - 24)} {_n(x2 - 8)} {_n(y2 - 24)} {_n(x2)} {_n(y2)}"


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
