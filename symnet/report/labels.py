"""Places for the numbers on edges, where they cover no box and no other number."""

from __future__ import annotations

from dataclasses import replace

from symnet.report.pieces import Picture, Point

LABEL = (50.0, 14.0)  # what a number takes


def with_labels(made: Picture) -> Picture:
    """The picture with a place for a number on every edge, where it covers no box and no other number."""
    taken = [(b.x + b.width / 2, b.y + b.height / 2, b.width, b.height) for b in made.boxes if not b.open]
    pieces = []
    for piece in made.pieces:
        places = [_on(segment, t) for segment in reversed(piece.curve) for t in (0.5, 0.4, 0.6, 0.32, 0.68, 0.25, 0.75)]
        free = next((p for p in places if not any(_touch(p, box) for box in taken)), None)
        if free is None:
            free = _on(max(piece.curve, key=lambda s: abs(s[1][0] - s[0][0])), 0.5)
        taken.append((*free, *LABEL))
        pieces.append(replace(piece, label=free))
    return replace(made, pieces=tuple(pieces))


def _on(segment: tuple[Point, Point], t: float) -> Point:
    """A point of the S between two points."""
    (x1, y1), (x2, y2) = segment
    ease = t * t * (3 - 2 * t)
    bend = 1.5 * t * (1 - t) ** 2 + 1.5 * t * t * (1 - t) + t**3
    return x1 + (x2 - x1) * bend, y1 + (y2 - y1) * ease


def _touch(place: Point, box: tuple[float, float, float, float]) -> bool:
    x, y, width, height = box
    return abs(place[0] - x) * 2 < LABEL[0] + width and abs(place[1] - y) * 2 < LABEL[1] + height
