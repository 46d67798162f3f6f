"""Pictures of graphs: nothing overlaps, edges end where they should, few cross."""

from __future__ import annotations

import json
import re
from random import Random
from xml.etree import ElementTree

import pytest

import symnet
from symnet.errors import UnsupportedError, UsageError
from symnet.report.graph import Graph, Node, tensor_graph
from symnet.report.layout import Edge, layered
from symnet.report.picture import picture
from symnet.report.pictures import states
from symnet.report.pieces import Box, Picture
from symnet.report.sizes import number_size, plain_size
from tests.modules import EXAMPLES

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.sym"))


def random_graph(seed: int) -> Graph:
    """Layers, layers in layers, edges forward and a few back."""
    random = Random(seed)
    names = ["", "g0", "g1", "g1.u", "g2"]
    nodes = []
    for k in range(random.randint(1, 30)):
        owner = random.choice(names)
        path = tuple(name for name in ("g0", "g1", "g1.u", "g2") if owner and (owner + ".").startswith(name + "."))
        nodes.append(Node(f"{owner}.n{k}" if owner else f"n{k}", random.choice(("input", "value")), "3×4", path))
    ends = [tuple(sorted(random.choices(range(len(nodes)), k=2))) for _ in range(random.randint(0, 50))]
    ends += [(b, a) for a, b in ends if random.random() < 0.05]
    return Graph(tuple(nodes), tuple(dict.fromkeys(ends)), dict.fromkeys(names[1:], "kind"))


def faults(graph: Graph, drawn: Picture) -> list[str]:
    """What is wrong with a picture."""
    found = []
    for k, a in enumerate(drawn.boxes):
        if a.x < 0 or a.y < 0 or a.x + a.width > drawn.width + 0.01 or a.y + a.height > drawn.height + 0.01:
            found.append(f"{a.child} is cut")
        for b in drawn.boxes[k + 1 :]:
            if touching(a, b) and not (a.open and holds(graph, a, b)):
                found.append(f"{a.child} and {b.child} overlap")
    sides = [(side, b.y, b.y + b.height) for b in drawn.boxes for side in (b.x, b.x + b.width)]
    for piece in drawn.pieces:
        if piece.loop:
            continue
        for x, y in (piece.curve[0][0], piece.curve[-1][1]):
            if not any(abs(x - side) < 0.01 and top <= y <= bottom for side, top, bottom in sides):
                found.append(f"a piece of {piece.edges} ends nowhere")
        if any((q[0] < p[0]) != piece.back for p, q in piece.curve if p[0] != q[0]):
            found.append(f"a piece of {piece.edges} turns round")
    shown = {edge for piece in drawn.pieces for edge in piece.edges}
    hidden = [e for e in range(len(graph.edges)) if e not in shown and not within(graph, drawn, e)]
    return found + [f"edge {e} is not drawn" for e in hidden]


def touching(a: Box, b: Box) -> bool:
    return a.x < b.x + b.width and b.x < a.x + a.width and a.y < b.y + b.height and b.y < a.y + a.height


def holds(graph: Graph, outer: Box, inner: Box) -> bool:
    path = inner.child if isinstance(inner.child, tuple) else graph.nodes[inner.child].path
    inside = outer.x <= inner.x and inner.x + inner.width <= outer.x + outer.width
    return (
        inside and outer.y <= inner.y and inner.y + inner.height <= outer.y + outer.height and outer.child[-1] in path
    )  # type: ignore[index]


def within(graph: Graph, drawn: Picture, edge: int) -> bool:
    """Whether both ends of an edge are in the same closed group."""
    closed = {b.child[-1] for b in drawn.boxes if isinstance(b.child, tuple) and not b.open}
    one, other = (set(graph.nodes[k].path) & closed for k in graph.edges[edge])
    return bool(one & other)


@pytest.mark.parametrize("seed", range(60))
def test_random_pictures(seed: int) -> None:
    graph = random_graph(seed)
    for opened in ((), ("g1",), ("g0", "g1", "g1.u", "g2")):
        assert not faults(graph, picture(graph, opened, plain_size))


@pytest.mark.parametrize("name", NAMES)
def test_pictures_of_the_examples(name: str) -> None:
    graph = tensor_graph(symnet.network(EXAMPLES / f"{name}.sym"))
    for opened in states(graph):
        assert not faults(graph, picture(graph, opened, number_size))


def test_the_same_graph_gives_the_same_picture() -> None:
    graph = random_graph(7)
    assert picture(graph, ("g1",), plain_size) == picture(graph, ("g1",), plain_size)


def test_crossings_are_taken_out() -> None:
    sizes = dict.fromkeys("abcxyz", (50.0, 20.0))
    edges = [Edge("a", "z"), Edge("b", "y"), Edge("c", "x")]
    places = layered(sizes, edges).places
    assert [p[1] for p in map(places.__getitem__, "abc")] == [p[1] for p in map(places.__getitem__, "zyx")]


def test_a_port_draws_its_edge_to_its_side() -> None:
    """What enters a tall box at its foot stands below what enters it at its head."""
    sizes = {"a": (50.0, 20.0), "b": (50.0, 20.0), "tall": (80.0, 200.0)}
    places = layered(sizes, [Edge("a", "tall", 0, 80), Edge("b", "tall", 0, -80)]).places
    assert places["a"][1] > places["b"][1]


def test_a_long_edge_passes_every_column() -> None:
    sizes = dict.fromkeys("abcd", (50.0, 20.0))
    found = layered(sizes, [Edge("a", "b"), Edge("b", "c"), Edge("c", "d"), Edge("a", "d")])
    assert len(found.routes[3]) == 4
    assert all(abs(y - found.places["b"][1]) > 10 for _, y in found.routes[3])


def test_a_recurrence_runs_back() -> None:
    found = layered(
        dict.fromkeys("abc", (50.0, 20.0)), [Edge("a", "b"), Edge("b", "c"), Edge("c", "b"), Edge("b", "b")]
    )
    assert list(found.turned) == [False, False, True, True]


# --- draw ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["scalar_graph", "lstm_recall", "gpt_small"])
def test_svg_and_dot(name: str) -> None:
    drawing = symnet.draw(EXAMPLES / f"{name}.sym")
    root = ElementTree.fromstring(drawing.svg())
    texts = {"".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {node.label for node in drawing.graph.nodes} <= texts
    assert not [e for e in root.iter() if e.tag.endswith(("script", "image", "a"))]
    text = drawing.dot()
    assert text.count("{") == text.count("}")
    edges = {(int(a), int(b)) for a, b in re.findall(r"n(\d+) -> n(\d+);", text)}
    assert edges == set(drawing.graph.edges)
    labels = [json.loads(f'"{label}"').split("\n")[0] for label in re.findall(r'  n\d+ \[label="(.*)"\];', text)]
    assert sorted(labels) == sorted(node.label for node in drawing.graph.nodes)


def test_png(tmp_path) -> None:
    content = symnet.draw(EXAMPLES / "scalar_graph.sym").save(tmp_path / "g.png").read_bytes()
    assert content.startswith(b"\x89PNG")


def test_png_without_a_rasteriser(monkeypatch, tmp_path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "resvg_py", None)
    with pytest.raises(UnsupportedError, match="resvg-py") as error:
        symnet.draw(EXAMPLES / "scalar_graph.sym").save(tmp_path / "g.png")
    assert "pip install 'symnet[png]'" in str(error.value)
    assert not list(tmp_path.iterdir())


def test_closed_layers_and_operations() -> None:
    closed = symnet.draw(EXAMPLES / "gpt_small.sym", open=False).svg()
    assert "transformer_block" in closed and "multi_head_attention" not in closed
    assert "W[0, 1]" in symnet.draw(EXAMPLES / "linear_classifier.sym", scalars=True).svg()


def test_mistakes(tmp_path) -> None:
    drawing = symnet.draw(EXAMPLES / "scalar_graph.sym")
    with pytest.raises(UsageError, match="no ending"):
        drawing.save(tmp_path / "g.pdf")
    with pytest.raises(UsageError, match="cannot be read"):
        symnet.draw(EXAMPLES / "path_blowup.sym", constants={"depth": 400})


def test_a_network_that_minimises_nothing_is_drawn() -> None:
    assert "y" in symnet.draw("network n\ninput x[N]\ny[n] = x[n]**2\noutput y\n").svg()


def test_a_notebook_shows_an_image_of_its_own() -> None:
    shown = symnet.draw(EXAMPLES / "scalar_graph.sym")._repr_html_()
    assert shown.startswith('<img alt="scalar_graph" src="data:image/svg+xml;base64,') and "<style" not in shown
