"""The order in the columns of a layered drawing: sweeps by barycentres, while fewer edges cross."""

from __future__ import annotations

from symnet.report.spots import Link, Spot

SWEEPS = 12  # up and down, while they help


def order(columns: list[list[Spot]]) -> None:
    """Sort each column so that few edges cross."""
    _number(columns)
    best, fewest = [list(column) for column in columns], _crossings(columns)
    idle = 0
    for sweep in range(2 * SWEEPS):
        forward = sweep % 2 == 0
        for column in columns if forward else reversed(columns):
            _sort(column, forward)
        _number(columns)
        found = _crossings(columns)
        if found < fewest:
            best, fewest, idle = [list(column) for column in columns], found, 0
        elif (idle := idle + 1) > 4 or not fewest:
            break
    for column, spots in zip(columns, best, strict=True):
        column[:] = spots
    _number(columns)


def _number(columns: list[list[Spot]]) -> None:
    for column in columns:
        for rank, spot in enumerate(column):
            spot.rank = rank


def _sort(column: list[Spot], forward: bool) -> None:
    """By the barycentre of what is before, or after; what has no such neighbour keeps its place."""
    centres = {}
    for spot in column:
        near = spot.before if forward else spot.after
        centres[id(spot)] = sum(map(_centre, near)) / len(near) if near else None
    moving = sorted((s for s in column if centres[id(s)] is not None), key=lambda s: (centres[id(s)], s.rank))
    waiting = iter(moving)
    column[:] = [spot if centres[id(spot)] is None else next(waiting) for spot in column]
    for rank, spot in enumerate(column):
        spot.rank = rank


def _centre(link: Link) -> float:
    """The rank of a neighbour, finer where edges leave it at different heights, and where this end is."""
    return link.other.rank + 0.9 * link.there / (link.other.height + 1.0)


def _crossings(columns: list[list[Spot]]) -> int:
    """How many pairs of edges cross between neighbouring columns (counted with a Fenwick tree: Barth et al., 2002)."""
    total = 0
    for column in columns[:-1]:
        links = [link for s in column for link in sorted(s.after, key=lambda link: (link.here, link.rank))]
        heights = {rank: k for k, rank in enumerate(sorted({link.rank for link in links}))}
        tree = [0] * (len(heights) + 1)
        for count, link in enumerate(links):
            end = heights[link.rank] + 1
            k, below = end, 0
            while k:
                below += tree[k]
                k -= k & -k
            total += count - below
            k = end
            while k <= len(heights):
                tree[k] += 1
                k += k & -k
    return total
