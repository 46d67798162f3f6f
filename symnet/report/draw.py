"""The graph alone: as SVG, as the text of Graphviz, or as pixels where a rasteriser is installed."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

from symnet.errors import UnsupportedError, UsageError
from symnet.files import write_atomically, write_text
from symnet.language.network import Network
from symnet.passes.pipeline import nothing_minimised
from symnet.report.graph import Graph, scalar_graph, tensor_graph
from symnet.report.picture import picture
from symnet.report.pictures import MOST_DRAWN, MOST_OPEN
from symnet.report.sizes import plain_size
from symnet.report.svg import dot, svg
from symnet.trace.scalars import unrolled
from symnet.trace.values import starting_values

__all__ = ["Drawing", "draw"]

KINDS = (".svg", ".dot", ".png")
MOST_PIXELS = 16_000  # along a side


def draw(
    network: Network, values: Mapping[str, Any] | None = None, *, scalars: bool = False, open: bool | None = None
) -> Drawing:
    """The graph of a network: a box per tensor, or with `scalars` per operation.

    `open` says whether layers show what is in them; by default they do where the graph has at most 150 tensors.
    `values` matter for the operations alone: sizes, and which branches are taken. UsageError for more than a thousand
    boxes.
    """
    graph = _operations(network, values or {}) if scalars else tensor_graph(network)
    if open is None:
        open = len(graph.nodes) <= MOST_OPEN
    shown = len(graph.nodes) if open else len(graph.tree[()])
    if shown > MOST_DRAWN:
        hint = (
            "leave the layers closed"
            if open and len(graph.tree[()]) <= MOST_DRAWN
            else "give it smaller sizes with --set"
        )
        raise UsageError(f"a picture of {shown:,} boxes cannot be read", hint=hint)
    return Drawing(network.name, graph, tuple(graph.groups) if open else ())


class Drawing:
    """A graph with some of its groups open."""

    def __init__(self, name: str, graph: Graph, opened: tuple[str, ...]) -> None:
        self.name = name
        self.graph = graph
        self.opened = opened

    def svg(self, *, dark: bool = True) -> str:
        """The SVG; it follows the reader's choice of light or dark unless `dark` is False."""
        return svg(self.graph, picture(self.graph, self.opened, plain_size), self.name, dark=dark)

    def dot(self) -> str:
        """The text of Graphviz."""
        return dot(self.graph, self.name)

    def png(self) -> bytes:
        """Pixels, two for each unit of the SVG. UnsupportedError where nothing that makes them is installed."""
        try:
            from resvg_py import svg_to_bytes
        except ImportError as error:
            raise UnsupportedError(
                "a PNG needs the package resvg-py, which is not installed",
                hint="pip install 'symnet[png]', or write an .svg, which every browser shows",
            ) from error
        drawn = picture(self.graph, self.opened, plain_size)
        zoom = max(0.1, min(2.0, MOST_PIXELS / max(drawn.width, drawn.height)))
        return bytes(svg_to_bytes(svg_string=self.svg(dark=False), zoom=zoom, background="#ffffff"))

    def save(self, path: str | Path) -> Path:
        """Write a file, its kind told by its ending: .svg, .dot or .png. UsageError for any other."""
        path = Path(path)
        kind = path.suffix.lower()
        if kind not in KINDS:
            raise UsageError(f"{path} has no ending that says what to draw", hint=f"call it *{', *'.join(KINDS)}")
        if kind == ".png":
            content = self.png()
            write_atomically(path, lambda stream: stream.write(content))
        else:
            write_text(path, self.dot() if kind == ".dot" else self.svg())
        return path

    def _repr_html_(self) -> str:
        """The picture as an image, so that its style stays its own."""
        data = base64.b64encode(self.svg().encode()).decode()
        return f'<img alt="{escape(self.name)}" src="data:image/svg+xml;base64,{data}">'


def _operations(network: Network, values: Mapping[str, Any]) -> Graph:
    if network.objective is None:
        raise nothing_minimised(network)
    starting, sizes = starting_values(network, values)
    return scalar_graph(unrolled(network, network.objective, starting, sizes), network)
