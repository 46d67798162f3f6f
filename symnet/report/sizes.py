"""How large a box has to be for what stands in it, and what that is."""

from __future__ import annotations

from symnet.report.graph import Graph
from symnet.report.pieces import Child

CHARACTER = 7.4  # the width of one in bold at 13 px
SMALL = 6.4  # at 11 px
NARROWEST = 76.0
WIDEST = 210.0
LINE = 17.0
EDGE = 20.0  # beside the text, on both sides together


def node_lines(graph: Graph, child: Child) -> tuple[str, str]:
    """(the name, what stands beside or below it in small) of a node or of a closed group."""
    if isinstance(child, tuple):
        group = child[-1]
        name = group.removeprefix(f"{child[-2]}.") if len(child) > 1 else group
        return name, graph.groups[group]
    node = graph.nodes[child]
    return node.label, node.shape


def plain_size(graph: Graph, child: Child) -> tuple[float, float]:
    """The size for name and shape."""
    name, small = node_lines(graph, child)
    return _width(name, small), 44.0 if small else 32.0


def number_size(graph: Graph, child: Child) -> tuple[float, float]:
    """The size for name and shape, the value below, and the adjoint below that."""
    name, small = node_lines(graph, child)
    return max(_width(name, small), 126.0 if small else NARROWEST), 84.0 if small else 66.0


def _width(name: str, small: str) -> float:
    return min(WIDEST, max(NARROWEST, CHARACTER * len(name) + EDGE, SMALL * len(small) + EDGE))
