"""Results as tables, on the terminal and in Markdown, and whether the goals are met."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log
from typing import Any

from benchmarks.peers.contenders import CONTENDERS
from benchmarks.peers.machine import limit
from benchmarks.peers.match import Cell, Match

OURS = "symnet"
PEERS = tuple(name for name, contender in CONTENDERS.items() if not contender.own)

# The rows in which the call itself is what costs may be above the rest: (row, most of symnet / best peer).
MOST = 1.15
EXCEPTIONS = {"scalar_graph": 2.0, "mlp_tiny_b1": 1.4}


@dataclass(frozen=True)
class Table:
    """A title, the heads of the columns, and the cells as text."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def best_peer(cells: Mapping[str, Cell]) -> str | None:
    """The fastest of those that are not ours, NumPy by hand among them."""
    timed = [name for name in PEERS if name in cells and cells[name].seconds]
    return min(timed, key=lambda name: cells[name].time or 0.0, default=None)


def geometric_mean(values: Iterable[float | None]) -> float | None:
    """Of those that there are."""
    logs = [log(value) for value in values if value]
    return exp(sum(logs) / len(logs)) if logs else None


# --- the tables ---


def times(match: Match) -> Table:
    """Microseconds of a step: one column for each contender."""
    names = _names(match)
    rows = tuple((row, *(_cell(cells[name]) for name in names)) for row, cells in match.rows.items())
    return Table(f"Microseconds per step, {threads_of(match)}", ("row", *names), rows)


def ratios(match: Match, work: Mapping[str, Mapping[str, float]]) -> Table:
    """The generated module's time over that of each peer: below 1 it is faster."""
    peers = [name for name in _names(match) if name in PEERS]
    head = ("row", *(f"/{name}" for name in peers), "best peer", f"{OURS}/best", "flat/best", f"limit/{OURS}", "spread")
    rows = []
    for row, cells in match.rows.items():
        best, ours = best_peer(cells), cells.get(OURS, Cell())
        against = Cell() if best is None else cells[best]
        part = least_seconds(match, work[row]) / ours.time if ours.time else None
        rows.append(
            (
                row,
                *(_number(ours.ratio(cells[name])) for name in peers),
                best or "-",
                _number(ours.ratio(against)),
                _number(cells.get("flat", Cell()).ratio(against)),
                _number(part),
                _number(ours.spread),
            )
        )
    columns = [
        [match_row.get(OURS, Cell()).ratio(match_row[name]) for match_row in match.rows.values()] for name in peers
    ]
    best = [_against_best(cells, OURS) for cells in match.rows.values()]
    flat = [_against_best(cells, "flat") for cells in match.rows.values()]
    means = tuple(_number(geometric_mean(column)) for column in columns)
    rows.append(("geometric mean", *means, "", _number(geometric_mean(best)), _number(geometric_mean(flat)), "", ""))
    return Table(f"Time of {OURS} / time of the peer, {threads_of(match)}", head, tuple(rows))


def least_seconds(match: Match, work: Mapping[str, float]) -> float:
    """The physical limit of a row."""
    return limit(work["flops"], work["bytes"], match.machine["flops"], match.machine["bandwidths"])


def remarks(match: Match) -> list[str]:
    """Why cells have no time."""
    return [
        f"{row}, {name}: {cell.reason}"
        for row, cells in match.rows.items()
        for name, cell in cells.items()
        if cell.reason
    ]


# --- the goals ---


def goals(matches: Sequence[Match]) -> Table:
    """What is to be reached, what was, and whether that is enough."""
    rows: list[tuple[str, ...]] = []

    def add(what: str, goal: float, found: float | None, detail: str = "") -> None:
        rows.append((what, f"<= {goal}", _number(found), _met(found, goal), detail))

    for match in matches:
        best = {row: _against_best(cells, OURS) for row, cells in match.rows.items()}
        add(f"best peer, {threads_of(match)}, geometric mean", 0.95, geometric_mean(best.values()))
        if match.threads != 1:
            continue
        usual = {row: value for row, value in best.items() if row not in EXCEPTIONS}
        add("best peer, worst row", MOST, *_worst(usual))
        for row, most in EXCEPTIONS.items():
            if row in best:
                add(f"best peer, {row}", most, best[row])
        hand = _against(match, "hand")
        add("NumPy by hand, geometric mean", 0.7, geometric_mean(hand.values()))
        add("NumPy by hand, worst row", 1.05, *_worst(hand))
        add("JAX, geometric mean", 0.55, geometric_mean(_against(match, "jax").values()))
        add("PyTorch eager, geometric mean", 0.3, geometric_mean(_against(match, "torch").values()))
    by_threads = {match.threads: match for match in matches}
    if 1 in by_threads and 2 in by_threads:
        one, two = by_threads[1].rows, by_threads[2].rows
        slower = {row: _quotient(two[row].get(OURS), one[row].get(OURS)) for row in one if row in two}
        add("two threads / one thread, worst row", 1.1, *_worst(slower))
    return Table("Goals", ("ratio of times", "goal", "found", "met", "where"), tuple(rows))


def _against(match: Match, peer: str) -> dict[str, float | None]:
    return {row: cells.get(OURS, Cell()).ratio(cells.get(peer, Cell())) for row, cells in match.rows.items()}


def _against_best(cells: Mapping[str, Cell], name: str) -> float | None:
    best = best_peer(cells)
    return None if best is None else cells.get(name, Cell()).ratio(cells[best])


def _worst(values: Mapping[str, float | None]) -> tuple[float | None, str]:
    row = max(values, key=lambda name: values[name] or 0.0, default="")
    return (values[row], row) if row else (None, "")


def _quotient(a: Cell | None, b: Cell | None) -> float | None:
    return a.time / b.time if a and b and a.time and b.time else None


# --- as text ---


def _names(match: Match) -> list[str]:
    return list(next(iter(match.rows.values()), {}))


def threads_of(match: Match) -> str:
    """Their number, in words."""
    return "1 thread" if match.threads == 1 else f"{match.threads} threads"


def _cell(cell: Cell) -> str:
    if cell.time is None:
        return "wrong" if cell.reason.startswith("wrong") else "failed" if cell.reason else "-"
    micro = cell.time * 1e6
    return f"{micro:,.1f}" if micro < 100 else f"{micro:,.0f}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _met(found: float | None, goal: float) -> str:
    return "-" if found is None else "yes" if found <= goal else "no"


def markdown(table: Table) -> str:
    """The table in Markdown, numbers to the right."""
    rule = ["---", *("---:" for _ in table.head[1:])]
    lines = [table.head, rule, *table.rows]
    return f"## {table.title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def rich_table(table: Table) -> Any:
    """The table for the terminal."""
    from rich.table import Table as RichTable

    found = RichTable(title=table.title, title_justify="left", header_style="bold")
    for number, name in enumerate(table.head):
        found.add_column(name, justify="right" if number else "left", no_wrap=True)
    for row in table.rows:
        found.add_row(*row)
    return found
