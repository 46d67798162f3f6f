"""Layered drawing of graphs, left to right (Sugiyama, Tagawa and Toda, IEEE Trans. SMC 11, 1981).

Edges that close a circle are turned round; every node gets a column; an edge that passes columns gets a point in each;
crossings are reduced by sweeps that sort each column by the barycentres of its neighbours; then the columns are moved
as close to their neighbours as their order allows. Given the same graph in the same order, the drawing is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Key = Any  # whatever tells nodes apart

SWEEPS = 12  # up and down, while they help
GAP = 18.0  # between two nodes of a column
LANE = 12.0  # between an edge that passes and its neighbours


@dataclass(frozen=True)
class Edge:
    """From one node to another. `out` and `into` say where it leaves and enters, from the middle of the node."""

    source: Key
    target: Key
    out: float = 0.0
    into: float = 0.0


@dataclass(frozen=True)
class Layout:
    """Where everything is.

    places  the middles of the nodes
    sides   for each node, the left and the right side of its column
    routes  for each edge, the points that it runs through in the columns between its ends, two in each
    turned  for each edge, whether it leads back
    """

    places: Mapping[Key, tuple[float, float]]
    sides: Mapping[Key, tuple[float, float]]
    routes: Sequence[Sequence[tuple[float, float]]]
    turned: Sequence[bool]
    width: float
    height: float


@dataclass(frozen=True)
class _Link:
    """A piece of an edge, seen from one of its ends: the spot at the other one, and where it leaves and enters."""

    other: _Spot
    here: float
    there: float

    @property
    def level(self) -> float:
        """Where this end would have to be for the piece to be level."""
        return self.other.y + self.there - self.here

    @property
    def rank(self) -> tuple[int, float]:
        """The place of the other end in its column."""
        return self.other.rank, self.there


@dataclass(eq=False)
class _Spot:
    """A node, or the place where an edge passes a column (no key)."""

    key: Key
    column: int
    width: float
    height: float
    before: list[_Link] = field(default_factory=list)
    after: list[_Link] = field(default_factory=list)
    y: float = 0.0
    rank: int = 0

    @property
    def passing(self) -> bool:
        return self.key is None

    @property
    def hanging(self) -> bool:
        """Whether it only feeds one other node, as a parameter does: it makes way for what runs through."""
        return self.height > 0 and not self.before and len(self.after) == 1


def layered(
    sizes: Mapping[Key, tuple[float, float]],
    edges: Sequence[Edge],
    *,
    first: Iterable[Key] = (),
    last: Iterable[Key] = (),
    space: float = 56.0,
) -> Layout:
    """Place nodes of these sizes (width, height). `first` and `last` are kept in the outermost columns.

    `space` is the distance between two columns.
    """
    turned = _turned(sizes, edges)
    columns_of = _columns(sizes, edges, turned, set(first), set(last))
    spots = {key: _Spot(key, columns_of[key], *size) for key, size in sizes.items()}
    chains = [_chain(spots, edge, back) for edge, back in zip(edges, turned, strict=True)]
    columns: list[list[_Spot]] = [[] for _ in range(max(columns_of.values(), default=-1) + 1)]
    for spot in (*spots.values(), *(s for chain in chains for s in chain if s.passing)):
        columns[spot.column].append(spot)
    _order(columns)
    _settle(columns)
    return _result(columns, spots, edges, turned, chains, space)


# --- columns ---------------------------------------------------------------------------------------


def _turned(sizes: Mapping[Key, tuple[float, float]], edges: Sequence[Edge]) -> list[bool]:
    """Which edges lead back to a node on the way to them, seen from the first nodes (depth first, no recursion)."""
    leaving: dict[Key, list[int]] = {key: [] for key in sizes}
    entered = set()
    for number, edge in enumerate(edges):
        leaving[edge.source].append(number)
        entered.add(edge.target)
    turned = [edge.source == edge.target for edge in edges]
    done: set[Key] = set()
    for root in (*(key for key in sizes if key not in entered), *sizes):
        if root in done:
            continue
        path = [(root, iter(leaving[root]))]
        on_path = {root}
        while path:
            node, rest = path[-1]
            step = next(rest, None)
            if step is None:
                path.pop()
                on_path.discard(node)
                done.add(node)
                continue
            target = edges[step].target
            if target in on_path:
                turned[step] = True
            elif target not in done:
                on_path.add(target)
                path.append((target, iter(leaving[target])))
    return turned


def _columns(
    sizes: Mapping[Key, tuple[float, float]],
    edges: Sequence[Edge],
    turned: Sequence[bool],
    first: set[Key],
    last: set[Key],
) -> dict[Key, int]:
    """The column of each node: behind all that leads to it, and what nothing leads to as near as it can be."""
    after: dict[Key, list[Key]] = {key: [] for key in sizes}
    before: dict[Key, list[Key]] = {key: [] for key in sizes}
    for edge, back in zip(edges, turned, strict=True):
        one, other = (edge.target, edge.source) if back else (edge.source, edge.target)
        if one != other:
            after[one].append(other)
            before[other].append(one)
    start = 1 if first else 0
    column = {key: 0 if key in first else start for key in sizes}
    waiting = {key: len(found) for key, found in before.items()}
    ready = [key for key, count in waiting.items() if not count]
    for key in ready:  # grows while it is read
        for other in after[key]:
            column[other] = max(column[other], column[key] + 1)
            waiting[other] -= 1
            if not waiting[other]:
                ready.append(other)
    for key in sizes:
        if not before[key] and after[key] and key not in first:
            column[key] = max(start, min(column[other] for other in after[key]) - 1)
    end = max((column[key] + (1 if key not in last else 0) for key in sizes), default=0)
    column.update({key: max(end, column[key]) for key in sizes if key in last})
    return column


def _chain(spots: Mapping[Key, _Spot], edge: Edge, turned: bool) -> list[_Spot]:
    """The spots that an edge runs through, from left to right, linked to each other."""
    left, right = spots[edge.source], spots[edge.target]
    out, into = edge.out, edge.into
    if turned:
        left, right, out, into = right, left, into, out
    if left is right:
        return [left, right]
    chain = [left, *(_Spot(None, c, 0.0, 0.0) for c in range(left.column + 1, right.column)), right]
    for number, (one, other) in enumerate(zip(chain, chain[1:], strict=False)):
        leaving = out if number == 0 else 0.0
        entering = into if number == len(chain) - 2 else 0.0
        one.after.append(_Link(other, leaving, entering))
        other.before.append(_Link(one, entering, leaving))
    return chain


# --- the order in the columns ----------------------------------------------------------------------


def _order(columns: list[list[_Spot]]) -> None:
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


def _number(columns: list[list[_Spot]]) -> None:
    for column in columns:
        for rank, spot in enumerate(column):
            spot.rank = rank


def _sort(column: list[_Spot], forward: bool) -> None:
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


def _centre(link: _Link) -> float:
    """The rank of a neighbour, finer where edges leave it at different heights, and where this end is."""
    return link.other.rank + 0.9 * link.there / (link.other.height + 1.0)


def _crossings(columns: list[list[_Spot]]) -> int:
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


# --- heights ---------------------------------------------------------------------------------------


def _settle(columns: list[list[_Spot]]) -> None:
    """Give every spot a height: near its neighbours, in the order of its column, with room between."""
    for column in columns:
        _pack(column, [0.0] * len(column), [1.0] * len(column))
    for sweep in range(2 * SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            near = [[*s.before, *s.after] if sweep > 3 else (s.before if sweep % 2 == 0 else s.after) for s in column]
            wanted = [_wanted(s, links) for s, links in zip(column, near, strict=True)]
            weights = [_weight(s, links) for s, links in zip(column, near, strict=True)]
            _pack(column, wanted, weights)


def _weight(spot: _Spot, links: Sequence[_Link]) -> float:
    return 0.05 if spot.hanging else 4.0 if spot.passing else 1.0 + len(links)


def _wanted(spot: _Spot, links: Sequence[_Link]) -> float:
    """The mean height at which its edges would be level; those that pass on count more, so that they run straight."""
    if not links:
        return spot.y
    weights = [0.02 if link.other.hanging else 3.0 if spot.passing and link.other.passing else 1.0 for link in links]
    return sum(w * link.level for w, link in zip(weights, links, strict=True)) / sum(weights)


def _pack(column: list[_Spot], wanted: list[float], weights: list[float]) -> None:
    """The heights nearest to what is wanted (least squares) that keep order and room: pool adjacent violators."""
    offsets, offset = [], 0.0
    for above, spot in zip([None, *column], column, strict=False):
        offset += _room(above, spot) if above is not None else 0.0
        offsets.append(offset)
    pools: list[list[float]] = []  # [mean, weight, how many]
    for want, weight, off in zip(wanted, weights, offsets, strict=True):
        pools.append([want - off, weight, 1])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            mean, more, count = pools.pop()
            low, less, number = pools[-1]
            pools[-1] = [(low * less + mean * more) / (less + more), less + more, number + count]
    heights = [mean for mean, _, count in pools for _ in range(int(count))]
    for spot, height, off in zip(column, heights, offsets, strict=True):
        spot.y = height + off


def _room(above: _Spot, below: _Spot) -> float:
    gap = LANE if above.passing or below.passing else GAP
    return (above.height + below.height) / 2 + gap


# --- the whole -------------------------------------------------------------------------------------


def _result(
    columns: list[list[_Spot]],
    spots: Mapping[Key, _Spot],
    edges: Sequence[Edge],
    turned: Sequence[bool],
    chains: list[list[_Spot]],
    space: float,
) -> Layout:
    top = min((s.y - s.height / 2 for column in columns for s in column), default=0.0)
    bottom = max((s.y + s.height / 2 for column in columns for s in column), default=0.0)
    middles, x = [], 0.0
    for column in columns:
        width = max((s.width for s in column), default=0.0)
        middles.append(x + width / 2)
        x += width + space
    places = {key: (middles[s.column], s.y - top) for key, s in spots.items()}
    widths = [max((s.width for s in column), default=0.0) for column in columns]
    halves = [width / 2 for width in widths]
    sides = {
        key: (middles[s.column] - halves[s.column], middles[s.column] + halves[s.column]) for key, s in spots.items()
    }
    routes = []
    for chain, back in zip(chains, turned, strict=True):
        points: list[tuple[float, float]] = []
        for s in chain[1:-1]:  # straight through a column, from its left side to its right one
            half = halves[s.column]
            points += [(middles[s.column] - half, s.y - top), (middles[s.column] + half, s.y - top)]
        routes.append(points[::-1] if back else points)
    return Layout(places, sides, routes, turned, max(0.0, x - space), bottom - top)
