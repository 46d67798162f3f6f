"""A graph as a picture: groups that are open are boxes with a layout of their own inside, so nothing overlaps.

An edge that enters or leaves an open group does so at a port on its side, and so becomes several pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from symnet.report.graph import Graph, Path
from symnet.report.labels import with_labels
from symnet.report.layout import Edge, Key, Layout, layered
from symnet.report.pieces import Box, Child, Picture, Piece, Point

Size = Callable[[Graph, Child], tuple[float, float]]

TITLE = 30.0  # of an open group, above what is in it
MARGIN = 16.0
PORT = 14.0  # the height that a port takes
SPACE = 54.0
LABELLED_SPACE = 60.0  # between columns where edges bear numbers


def picture(graph: Graph, opened: Collection[str], size: Size, *, labelled: bool = False) -> Picture:
    """The picture with these groups open; `size` gives the size of a node or of a closed group."""
    whole = _Scope(graph, frozenset(opened), size, LABELLED_SPACE if labelled else SPACE).draw(())
    made = Picture(tuple(whole.boxes), tuple(whole.pieces), whole.width, whole.height)
    return with_labels(made) if labelled else made


@dataclass
class _Drawn:
    """What is in a scope, and at which height its ports are: ("in" or "out", the number of the node)."""

    boxes: list[Box] = field(default_factory=list)
    pieces: list[Piece] = field(default_factory=list)
    ports: dict[tuple[str, int], float] = field(default_factory=dict)
    width: float = 0.0
    height: float = 0.0


@dataclass(frozen=True)
class _End:
    """One end of an edge within a scope: a child, and its port where it is an open group; or a port of the scope."""

    child: Child | None
    port: tuple[str, int] | None

    @property
    def key(self) -> Key:
        return self.child if self.child is not None else self.port


@dataclass
class _Scope:
    graph: Graph
    opened: frozenset[str]
    size: Size
    space: float

    def draw(self, scope: Path) -> _Drawn:
        children = self.graph.tree[scope]
        inside: dict[Child, _Drawn] = {
            child: self.draw(child) for child in children if isinstance(child, tuple) and child[-1] in self.opened
        }
        sizes: dict[Key, tuple[float, float]] = {}
        for child in children:
            sizes[child] = (
                (inside[child].width, inside[child].height) if child in inside else self.size(self.graph, child)
            )
        links = self.links(scope, inside)
        ends = dict.fromkeys(end for link in links for end in link if end.child is None)
        sizes |= {end.key: (0.0, PORT) for end in ends}
        edges = [Edge(a.key, b.key, self.offset(a, inside), self.offset(b, inside)) for a, b in links]
        ports = [end.key for end in ends]
        layout = layered(
            sizes,
            edges,
            first=[port for port in ports if port[0] == "in"],
            last=[port for port in ports if port[0] == "out"],
            space=self.space,
        )
        return self.assembled(scope, layout, sizes, inside, links)

    # --- edges of a scope ---

    def links(self, scope: Path, inside: Mapping[Child, _Drawn]) -> dict[tuple[_End, _End], list[int]]:
        """The edges as they appear in a scope, with the numbers of those of the graph that they stand for."""
        found: dict[tuple[_End, _End], list[int]] = {}
        for number, (source, target) in enumerate(self.graph.edges):
            one, other = self.member(scope, source), self.member(scope, target)
            if one is None and other is None or one == other and not isinstance(one, int):
                continue
            start = (
                _End(one, ("out", source) if one in inside else None) if one is not None else _End(None, ("in", source))
            )
            end = (
                _End(other, ("in", source) if other in inside else None)
                if other is not None
                else _End(None, ("out", source))
            )
            found.setdefault((start, end), []).append(number)
        return found

    def member(self, scope: Path, node: int) -> Child | None:
        """The child of a scope that a node is, or is in; None where it is outside."""
        path = self.graph.nodes[node].path
        if path[: len(scope)] != scope:
            return None
        return path[: len(scope) + 1] if len(path) > len(scope) else node

    def offset(self, end: _End, inside: Mapping[Child, _Drawn]) -> float:
        if end.child is None or end.port is None:
            return 0.0
        drawn = inside[end.child]
        return drawn.ports[end.port] - drawn.height / 2

    # --- the drawing of a scope ---

    def assembled(
        self,
        scope: Path,
        layout: Layout,
        sizes: Mapping[Key, tuple[float, float]],
        inside: Mapping[Child, _Drawn],
        links: Mapping[tuple[_End, _End], list[int]],
    ) -> _Drawn:
        top, side = (TITLE, 0.0) if scope else (MARGIN, MARGIN)
        bottom = MARGIN
        drawn = _Drawn(width=layout.width + 2 * side, height=layout.height + top + bottom)
        has_in = any(a.child is None for a, _ in links)
        has_out = any(b.child is None for _, b in links)
        left = side if has_in or not scope else MARGIN
        drawn.width += (left - side) + (0.0 if has_out or not scope else MARGIN)
        for child in self.graph.tree[scope]:
            x, y = layout.places[child]
            width, height = sizes[child]
            corner = x + left - width / 2, y + top - height / 2
            drawn.boxes.append(Box(child, child in inside, *corner, width, height))
            if child in inside:
                self.insert(drawn, inside[child], *corner)
        for port in dict.fromkeys(end.port for link in links for end in link if end.child is None):
            if port is not None:
                drawn.ports[port] = layout.places[port][1] + top
        arrivals = _arrivals(layout, sizes, links)
        for number, ((a, b), edges) in enumerate(links.items()):
            curve = _curve(
                layout, sizes, a, b, number, arrivals[number], self.offset(a, inside), self.offset(b, inside)
            )
            arrow = b.child is not None and b.child not in inside
            piece = Piece(tuple(curve), tuple(edges), layout.turned[number], a.key == b.key, arrow)
            drawn.pieces.append(piece.moved(left, top))
        return drawn

    @staticmethod
    def insert(drawn: _Drawn, part: _Drawn, x: float, y: float) -> None:
        drawn.boxes += [replace(box, x=box.x + x, y=box.y + y) for box in part.boxes]
        drawn.pieces += [piece.moved(x, y) for piece in part.pieces]


# --- curves ----------------------------------------------------------------------------------------


def _arrivals(
    layout: Layout,
    sizes: Mapping[Key, tuple[float, float]],
    links: Mapping[tuple[_End, _End], list[int]],
) -> dict[int, float]:
    """How far from the middle each edge enters its target: spread over the side, in the order in which they come."""
    coming: dict[Key, list[tuple[float, int]]] = {}
    offsets = dict.fromkeys(range(len(links)), 0.0)
    for number, (a, b) in enumerate(links):
        if b.port is None and not layout.turned[number]:
            route = layout.routes[number]
            coming.setdefault(b.key, []).append((route[-1][1] if route else layout.places[a.key][1], number))
    for key, found in coming.items():
        step = min(14.0, (sizes[key][1] - 16.0) / len(found))
        for k, (_, number) in enumerate(sorted(found)):
            offsets[number] = (k - (len(found) - 1) / 2) * step
    return offsets


def _curve(
    layout: Layout,
    sizes: Mapping[Key, tuple[float, float]],
    a: _End,
    b: _End,
    number: int,
    arrival: float,
    out: float,
    into: float,
) -> list[tuple[Point, Point]]:
    """The segments of an edge: level through columns, bent between them."""
    (xa, ya), (xb, yb) = layout.places[a.key], layout.places[b.key]
    half_a, half_b = sizes[a.key][0] / 2, sizes[b.key][0] / 2
    if a.key == b.key:
        return [((xa + half_a * 0.5, ya - sizes[a.key][1] / 2), (xa - half_a * 0.5, ya - sizes[a.key][1] / 2))]
    sign = -1 if layout.turned[number] else 1
    side_a, side_b = layout.sides[a.key][sign > 0], layout.sides[b.key][sign < 0]
    start, end = (xa + sign * half_a, ya + out), (xb - sign * half_b, yb + into + arrival)
    points = [start, (side_a, ya + out), *layout.routes[number], (side_b, yb + into + arrival), end]
    return [(p, q) for p, q in zip(points, points[1:], strict=False) if p != q]
