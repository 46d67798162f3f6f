"""Curves of a few numbers over time: as SVG for files and notebooks, and in Braille dots for terminals.

The SVG needs nothing but itself. Its colours come in two sets, for light and for dark surroundings, and every curve has
a dash pattern of its own besides its colour.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

Point = tuple[float, float]

# (on light ground, on dark ground, dashes)
STROKES = (
    ("#0969da", "#58a6ff", ""),
    ("#bc4c00", "#f0883e", "7 3"),
    ("#1a7f37", "#3fb950", "2 3"),
    ("#8250df", "#bc8cff", "9 3 2 3"),
)
WIDTH, HEIGHT = 400, 260  # of one panel
LEFT, RIGHT, TOP, BOTTOM = 56, 14, 44, 40
DECADES = 2.0  # values that span more than so many powers of ten get a logarithmic axis


@dataclass(frozen=True)
class Chart:
    """One panel. `curves` are (name, points with growing x); points that are not finite are left out."""

    title: str
    across: str
    curves: tuple[tuple[str, tuple[Point, ...]], ...]

    @property
    def points(self) -> list[Point]:
        """All points that can be drawn."""
        return [p for _, points in self.curves for p in points if math.isfinite(p[1])]

    @property
    def logarithmic(self) -> bool:
        """Whether the values are positive and span powers of ten."""
        values = [y for _, y in self.points]
        return bool(values) and min(values) > 0 and math.log10(max(values) / min(values)) > DECADES


def training_charts(history: Sequence[Mapping[str, float]]) -> tuple[Chart, ...]:
    """The loss, and the metrics where there are some, over the epochs of a training run."""
    losses = {"train_loss": "training", "loss": "held out"}
    names = list(dict.fromkeys(name for record in history for name in record))
    metrics = [name for name in names if name not in ("epoch", "rate", *losses)]
    charts = [Chart("loss", "epoch", tuple((shown, _points(history, n)) for n, shown in losses.items() if n in names))]
    if metrics:
        charts.append(Chart("held out", "epoch", tuple((name, _points(history, name)) for name in metrics)))
    return tuple(chart for chart in charts if chart.points)


def _points(history: Sequence[Mapping[str, float]], name: str) -> tuple[Point, ...]:
    return tuple((float(record["epoch"]), float(record[name])) for record in history if name in record)


# --- SVG -------------------------------------------------------------------------------------------


def svg(charts: Sequence[Chart]) -> str:
    """The panels side by side as one SVG image."""
    width = WIDTH * max(1, len(charts))
    panels = "".join(
        f'<g transform="translate({WIDTH * k} 0)">{"".join(_panel(chart))}</g>' for k, chart in enumerate(charts)
    )
    label = escape("; ".join(f"{c.title}: {', '.join(name for name, _ in c.curves)}" for c in charts))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}" '
        f'role="img" aria-label="{label}"><style>{_style()}</style>{panels}</svg>\n'
    )


def _style() -> str:
    def rules(ground: int, text: str, grid: str) -> str:
        curves = "".join(f".symnet-curve-{k}{{stroke:{row[ground]}}}" for k, row in enumerate(STROKES))
        return f".symnet-text{{fill:{text}}}.symnet-grid{{stroke:{grid}}}{curves}"

    font = ".symnet-text{font:12px system-ui,sans-serif}"
    lines = '[class^="symnet-curve"]{fill:none;stroke-width:2;stroke-linejoin:round}'
    dark = rules(1, "#c9d1d9", "#8b949e55")
    return f"{font}{lines}{rules(0, '#30363d', '#6e778155')}@media(prefers-color-scheme:dark){{{dark}}}"


def _panel(chart: Chart) -> Iterator[str]:
    xs = [x for x, _ in chart.points]
    across = _Axis(min(xs), max(xs), LEFT, WIDTH - RIGHT, whole=True)
    ys = [y for _, y in chart.points]
    up = _Axis(min(ys), max(ys), HEIGHT - BOTTOM, TOP, logarithmic=chart.logarithmic)
    yield f'<text class="symnet-text" x="{LEFT}" y="16" style="font-weight:600">{escape(chart.title)}</text>'
    for value in up.ticks:
        y = up.at(value)
        yield f'<line class="symnet-grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(LEFT - 6, y + 4, tick_text(value), "end")
    for value in across.ticks:
        x = across.at(value)
        yield f'<line class="symnet-grid" x1="{x:.1f}" x2="{x:.1f}" y1="{HEIGHT - BOTTOM}" y2="{HEIGHT - BOTTOM + 5}"/>'
        yield _text(x, HEIGHT - BOTTOM + 18, tick_text(value), "middle")
    yield _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, chart.across, "middle")
    yield from _legend(chart)
    for k, (_, points) in enumerate(chart.curves):
        places = " ".join(f"{across.at(x):.1f},{up.at(y):.1f}" for x, y in points if math.isfinite(y))
        yield f'<polyline {_stroke(k)} points="{places}"/>'


def _legend(chart: Chart) -> Iterator[str]:
    x = float(LEFT)
    for k, (name, _) in enumerate(chart.curves):
        yield f'<line {_stroke(k)} x1="{x:.0f}" x2="{x + 24:.0f}" y1="30" y2="30"/>'
        yield _text(x + 30, 34, name, "start")
        x += 46 + 7 * len(name)


def _stroke(k: int) -> str:
    dashes = STROKES[k % len(STROKES)][2]
    return f'class="symnet-curve-{k % len(STROKES)}"' + (f' stroke-dasharray="{dashes}"' if dashes else "")


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text class="symnet-text" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


class _Axis:
    """Where values stand between two places; it ends at round numbers."""

    def __init__(
        self, low: float, high: float, first: float, last: float, *, logarithmic: bool = False, whole: bool = False
    ) -> None:
        self.logarithmic = logarithmic
        self.first, self.last = first, last
        self.ticks = _decades(low, high) if logarithmic else _round_numbers(low, high, whole)
        self.low, self.high = (low, high) if whole else (min(low, self.ticks[0]), max(high, self.ticks[-1]))

    def at(self, value: float) -> float:
        """The place of a value."""
        low, high, value = map(math.log10, (self.low, self.high, value)) if self.logarithmic else (
            self.low, self.high, value,
        )  # fmt: skip
        share = (value - low) / (high - low) if high > low else 0.5
        return self.first + share * (self.last - self.first)


def _decades(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    step = max(1, (last - first) // 5)
    return [10.0**k for k in range(first, last + step, step)]


def _round_numbers(low: float, high: float, whole: bool) -> list[float]:
    """About five round numbers; they enclose the values, but for whole numbers, which stay inside of them."""
    span = high - low or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / 5))
    step = next(m * power for m in (1, 2, 5, 10) if m * power >= span / 5)
    if whole:
        step = max(1.0, step)
        first, last = math.ceil(low / step), math.floor(high / step)
        return [k * step for k in range(first, last + 1)] or [low]
    return [k * step for k in range(math.floor(low / step), math.ceil(high / step) + 1)]


def tick_text(value: float) -> str:
    """A round number without noise."""
    return f"{value:.4g}" if value else "0"


# --- terminal --------------------------------------------------------------------------------------

BRAILLE = 0x2800
DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # by row and column of a character


def dots(chart: Chart, width: int, height: int) -> list[list[tuple[str, int]]]:
    """The curves in `height` lines of `width` characters of 2 by 4 dots, each with the number of its curve.

    A character that several curves go through belongs to the last one; an empty one to none, -1.
    """
    cells = [[0] * width for _ in range(height)]
    owners = [[-1] * width for _ in range(height)]
    xs, ys = zip(*chart.points, strict=True)
    across = _Axis(min(xs), max(xs), 0, 2 * width - 1, whole=True)
    up = _Axis(min(ys), max(ys), 4 * height - 1, 0, logarithmic=chart.logarithmic)
    up.low, up.high = min(ys), max(ys)
    for number, (_, points) in enumerate(chart.curves):
        places = [(across.at(x), up.at(y)) for x, y in points if math.isfinite(y)]
        for column, row in _line(places):
            cells[row // 4][column // 2] |= DOTS[row % 4][column % 2]
            owners[row // 4][column // 2] = number
    return [
        [(chr(BRAILLE + cell) if cell else " ", owner) for cell, owner in zip(line, own, strict=True)]
        for line, own in zip(cells, owners, strict=True)
    ]


def _line(places: Sequence[Point]) -> Iterator[tuple[int, int]]:
    """The dots of a polyline, as (column, row)."""
    for (x1, y1), (x2, y2) in zip(places, [*places[1:], places[-1]] if places else [], strict=True):
        steps = max(1, round(max(abs(x2 - x1), abs(y2 - y1))))
        for k in range(steps + 1):
            yield round(x1 + (x2 - x1) * k / steps), round(y1 + (y2 - y1) * k / steps)
