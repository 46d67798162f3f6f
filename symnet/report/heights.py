"""The heights in a layered drawing: near the neighbours, in the order of the column, with room between."""

from __future__ import annotations

from collections.abc import Sequence

from symnet.report.spots import Link, Spot

SWEEPS = 24
GAP = 18.0  # between two nodes of a column
LANE = 12.0  # between an edge that passes and its neighbours


def settle(columns: list[list[Spot]]) -> None:
    """Give every spot a height: near its neighbours, in the order of its column, with room between."""
    for column in columns:
        _pack(column, [0.0] * len(column), [1.0] * len(column))
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 == 0 else reversed(columns):
            near = [[*s.before, *s.after] if sweep > 3 else (s.before if sweep % 2 == 0 else s.after) for s in column]
            wanted = [_wanted(s, links) for s, links in zip(column, near, strict=True)]
            weights = [_weight(s, links) for s, links in zip(column, near, strict=True)]
            _pack(column, wanted, weights)


def _weight(spot: Spot, links: Sequence[Link]) -> float:
    return 0.05 if spot.hanging else 4.0 if spot.passing else 1.0 + len(links)


def _wanted(spot: Spot, links: Sequence[Link]) -> float:
    """The mean height at which its edges would be level; those that pass on count more, so that they run straight."""
    if not links:
        return spot.y
    weights = [0.02 if link.other.hanging else 3.0 if spot.passing and link.other.passing else 1.0 for link in links]
    return sum(w * link.level for w, link in zip(weights, links, strict=True)) / sum(weights)


def _pack(column: list[Spot], wanted: list[float], weights: list[float]) -> None:
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


def _room(above: Spot, below: Spot) -> float:
    gap = LANE if above.passing or below.passing else GAP
    return (above.height + below.height) / 2 + gap
