"""A picture as an SVG that stands alone, with light and dark colours, and as the text of Graphviz."""

from __future__ import annotations

import json
from xml.sax.saxutils import escape, quoteattr

from symnet.report.graph import Graph
from symnet.report.picture import TITLE
from symnet.report.pieces import Box, Picture
from symnet.report.sizes import node_lines

_STYLE = """
svg { font-family: "Helvetica Neue", Helvetica, Arial, sans-serif; background: #ffffff; }
.edge { fill: none; stroke: #8a94a3; stroke-width: 1.4; }
.back { stroke-dasharray: 4 3; }
.head { fill: #8a94a3; }
.box { fill: #ffffff; stroke: #8a94a3; stroke-width: 1.2; }
.input, .random, .state { fill: #f3f4f6; }
.param { fill: #e6f1f7; stroke: #2b7a9b; }
.group { fill: #f8f9fb; stroke: #55606e; stroke-width: 1.6; }
.open { fill: #f8f9fb; stroke: #c4cad3; }
.name { font-size: 13px; font-weight: 600; fill: #1c232d; text-anchor: middle; }
.small { font-size: 11px; fill: #5b6675; text-anchor: middle; }
.title { text-anchor: start; }
"""
_DARK = """
@media (prefers-color-scheme: dark) {
svg { background: #14181e; }
.edge { stroke: #6b7685; }
.head { fill: #6b7685; }
.box { fill: #1b2028; stroke: #6b7685; }
.input, .random, .state { fill: #232932; }
.param { fill: #12303d; stroke: #4da3c7; }
.group { fill: #20262f; stroke: #9aa5b4; }
.open { fill: #181d24; stroke: #39424e; }
.name { fill: #e8ecf1; }
.small { fill: #9aa5b4; }
}
"""


def svg(graph: Graph, drawn: Picture, title: str, *, dark: bool = True) -> str:
    """The picture as an SVG document. Without `dark` it has light colours only, for what turns it into pixels."""
    width, height = drawn.width, drawn.height
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label={quoteattr(title)}>',
        f"<title>{escape(title)}</title>",
        f"<style>{_STYLE}{_DARK if dark else ''}</style>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path class="head" d="M0 0.8L7.5 4L0 7.2z"/></marker></defs>',
        *(_box(graph, box) for box in drawn.boxes if box.open),
    ]
    for piece in drawn.pieces:
        kind = "edge back" if piece.back else "edge"
        head = ' marker-end="url(#head)"' if piece.arrow else ""
        parts.append(f'<path class="{kind}" d="{piece.path}"{head}/>')
    parts += [_box(graph, box) for box in drawn.boxes if not box.open]
    return "\n".join((*parts, "</svg>\n"))


def _box(graph: Graph, box: Box) -> str:
    name, small = node_lines(graph, box.child)
    kind = "open" if box.open else "group" if isinstance(box.child, tuple) else graph.nodes[box.child].role
    frame = (
        f'<rect class="box {kind}" x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" '
        f'height="{box.height:.1f}" rx="6"/>'
    )
    if box.open:
        y = box.y + TITLE * 0.6
        text = f'<tspan class="name title">{escape(name)}</tspan> <tspan class="small title">{escape(small)}</tspan>'
        return f'<g>{frame}<text x="{box.x + 12:.1f}" y="{y:.1f}">{text}</text></g>'
    middle, y = box.x + box.width / 2, box.y + box.height / 2
    lines = [("name", name, y - 4 if small else y + 4.5), *([("small", small, y + 12)] if small else [])]
    texts = (f'<text class="{c}" x="{middle:.1f}" y="{at:.1f}">{escape(t)}</text>' for c, t, at in lines)
    return f"<g>{frame}{''.join(texts)}</g>"


def dot(graph: Graph, title: str) -> str:
    """The graph in the language of Graphviz, groups as clusters."""
    lines = [f"digraph {json.dumps(title)} {{", "  rankdir=LR;", '  node [shape=box, fontname="Helvetica"];']
    lines += _scope(graph, (), "  ")
    lines += [f"  n{source} -> n{target};" for source, target in graph.edges]
    return "\n".join((*lines, "}\n"))


def _scope(graph: Graph, scope: tuple[str, ...], indent: str) -> list[str]:
    lines = []
    for child in graph.tree[scope]:
        if isinstance(child, tuple):
            name, kind = node_lines(graph, child)
            lines.append(f"{indent}subgraph {json.dumps('cluster ' + child[-1])} {{")
            lines.append(f"{indent}  label={json.dumps(f'{name} · {kind}', ensure_ascii=False)};")
            lines += [*_scope(graph, child, indent + "  "), f"{indent}}}"]
        else:
            label = "\\n".join(json.dumps(part, ensure_ascii=False)[1:-1] for part in node_lines(graph, child) if part)
            lines.append(f'{indent}n{child} [label="{label}"];')
    return lines
