"""Layered drawing of graphs, left to right (Sugiyama, Tagawa and Toda, IEEE Trans. SMC 11, 1981).

Edges that close a circle are turned round; every node gets a column; an edge that passes columns gets a point in each;
crossings are reduced by sweeps that sort each column by the barycentres of its neighbours; then the columns are moved
as close to their neighbours as their order allows. Given the same graph in the same order, the drawing is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from symnet.report.heights import settle
from symnet.report.order import order
from symnet.report.spots import Key, Link, Spot

__all__ = ["Edge", "Key", "Layout", "layered"]


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
    spots = {key: Spot(key, columns_of[key], *size) for key, size in sizes.items()}
    chains = [_chain(spots, edge, back) for edge, back in zip(edges, turned, strict=True)]
    columns: list[list[Spot]] = [[] for _ in range(max(columns_of.values(), default=-1) + 1)]
    for spot in (*spots.values(), *(s for chain in chains for s in chain if s.passing)):
        columns[spot.column].append(spot)
    order(columns)
    settle(columns)
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


def _chain(spots: Mapping[Key, Spot], edge: Edge, turned: bool) -> list[Spot]:
    """The spots that an edge runs through, from left to right, linked to each other."""
    left, right = spots[edge.source], spots[edge.target]
    out, into = edge.out, edge.into
    if turned:
        left, right, out, into = right, left, into, out
    if left is right:
        return [left, right]
    chain = [left, *(Spot(None, c, 0.0, 0.0) for c in range(left.column + 1, right.column)), right]
    for number, (one, other) in enumerate(zip(chain, chain[1:], strict=False)):
        leaving = out if number == 0 else 0.0
        entering = into if number == len(chain) - 2 else 0.0
        one.after.append(Link(other, leaving, entering))
        other.before.append(Link(one, entering, leaving))
    return chain


# --- the whole -------------------------------------------------------------------------------------


def _result(
    columns: list[list[Spot]],
    spots: Mapping[Key, Spot],
    edges: Sequence[Edge],
    turned: Sequence[bool],
    chains: list[list[Spot]],
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
