"""Curves: as SVG, and in dots for terminals."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

from symnet.charts import Chart, dots, svg, tick_text, training_charts
from symnet.terminal import curves

HISTORY = [
    {"epoch": k + 1, "rate": 0.1, "train_loss": 2 * 0.7**k, "loss": 2 * 0.75**k, "accuracy": 1 - 0.9 * 0.6**k}
    for k in range(12)
]


def chart(*values: float, name: str = "v") -> Chart:
    return Chart("c", "epoch", ((name, tuple((float(k), v) for k, v in enumerate(values))),))


def test_a_run_has_its_losses_and_its_metrics() -> None:
    loss, held_out = training_charts(HISTORY)
    assert [name for name, _ in loss.curves] == ["training", "held out"]
    assert [name for name, _ in held_out.curves] == ["accuracy"]
    assert loss.curves[0][1][0] == (1.0, 2.0)
    assert len(training_charts([{"epoch": 1, "train_loss": 2.0}])) == 1
    assert training_charts([]) == ()


def test_the_image_is_xml_with_a_curve_for_each_name() -> None:
    text = svg(training_charts(HISTORY))
    tree = ElementTree.fromstring(text)
    lines = [e for e in tree.iter() if e.tag.endswith("polyline")]
    assert len(lines) == 3
    shown = {e.text for e in tree.iter() if e.tag.endswith("text")}
    assert {"loss", "training", "held out", "accuracy", "epoch", "0", "12"} - {"12"} <= shown
    assert "prefers-color-scheme:dark" in text and "http" not in text.replace("http://www.w3.org/2000/svg", "")


def test_curves_stay_inside_of_their_axes_and_go_the_right_way() -> None:
    tree = ElementTree.fromstring(svg([chart(3, 2, 1, 1.5)]))
    line = next(e for e in tree.iter() if e.tag.endswith("polyline"))
    places = [tuple(map(float, p.split(","))) for p in line.attrib["points"].split()]
    assert [x for x, _ in places] == sorted(x for x, _ in places)
    heights = [y for _, y in places]
    assert heights[0] < heights[1] < heights[2] > heights[3]
    assert all(44 <= y <= 220 and 56 <= x <= 386 for x, y in places)


def test_names_are_escaped() -> None:
    text = svg([chart(1, 2, name='<script>alert("x")</script>')])
    ElementTree.fromstring(text)
    assert "<script" not in text


def test_values_that_are_not_finite_are_left_out() -> None:
    text = svg([chart(1, float("nan"), 2, float("inf"))])
    points = re.search(r'points="([^"]*)"', text)
    assert points and len(points[1].split()) == 2 and "nan" not in text


def test_many_powers_of_ten_have_a_logarithmic_axis() -> None:
    assert chart(1, 0.1, 1e-4).logarithmic and not chart(1, 0.5).logarithmic and not chart(1, 0, -5).logarithmic
    assert ">0.0001<" in svg([chart(1, 0.1, 1e-4)])


def test_constant_values_and_single_ones_can_be_drawn() -> None:
    for values in ((2.0, 2.0, 2.0), (0.0,), (-3.0, -3.0)):
        ElementTree.fromstring(svg([chart(*values)]))
        assert any(cell != " " for line in dots(chart(*values), 10, 3) for cell, _ in line)


def test_dots_fall_from_left_to_right() -> None:
    lines = dots(chart(3, 2, 1, 0), 8, 4)
    assert [len(line) for line in lines] == [8] * 4
    first = [next(k for k, (cell, _) in enumerate(line) if cell != " ") for line in lines]
    assert first == sorted(first) and first[0] == 0 and first[-1] > 3


def test_the_terminal_names_the_last_values() -> None:
    from rich.console import Console

    console = Console(width=100, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    console.print(curves(HISTORY, 100))
    text = console.export_text()
    assert "training 0.03955" in text and "accuracy 0.9967" in text
    assert "\u2800" <= max(text) <= "\u28ff"


def test_round_numbers() -> None:
    assert [tick_text(v) for v in (0.0, 0.30000000000000004, 1e-5, 20.0)] == ["0", "0.3", "1e-05", "20"]
