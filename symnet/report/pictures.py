"""The pictures of a graph that a page can show: which groups may be open together, and what that looks like."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from typing import Any

from symnet.report.graph import Graph
from symnet.report.picture import picture
from symnet.report.pieces import Picture
from symnet.report.sizes import number_size

MOST_OPEN = 150  # nodes up to which groups can be opened
MOST_DRAWN = 1_000  # nodes up to which there is a picture at all
FREE = 4  # so many groups may be opened in any combination; of more, one at a time


def pictures(graph: Graph, *, labelled: bool = False) -> list[dict[str, Any]]:
    """A picture for each set of open groups; the first has all closed."""
    return [_data(picture(graph, opened, number_size, labelled=labelled), opened) for opened in states(graph)]


def states(graph: Graph) -> Iterator[tuple[str, ...]]:
    """The sets of groups that may be open; with a group, those that it is in."""
    groups = [scope for scope in graph.tree if scope] if len(graph.nodes) <= MOST_OPEN else []
    sizes = range(1, len(groups)) if len(groups) <= FREE else (1,)
    chosen = [some for k in sizes for some in combinations(groups, k)] + ([tuple(groups)] if groups else [])
    closed = (frozenset(name for scope in some for name in scope) for some in chosen)
    for opened in dict.fromkeys((frozenset[str](), *closed)):
        yield tuple(scope[-1] for scope in groups if scope[-1] in opened)


def _data(drawn: Picture, opened: tuple[str, ...]) -> dict[str, Any]:
    boxes = [
        [b.child[-1] if isinstance(b.child, tuple) else b.child, int(b.open), *map(_n, (b.x, b.y, b.width, b.height))]
        for b in drawn.boxes
    ]
    pieces = [
        [p.path, list(p.edges), int(p.back) + 2 * int(p.arrow), *([_n(p.label[0]), _n(p.label[1])] if p.label else [])]
        for p in drawn.pieces
    ]
    return {
        "open": list(opened),
        "width": _n(drawn.width),
        "height": _n(drawn.height),
        "boxes": boxes,
        "pieces": pieces,
    }


def _n(value: float) -> float:
    return round(value, 1)
