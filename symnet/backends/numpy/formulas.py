"""Formulas in the comments of emitted code: long ones are cut where a reader would cut them."""

from __future__ import annotations

import re
from collections.abc import Iterator

# How bad it is to cut here, in the brackets that are open anyway: behind a comma or colon, before + and -, behind the
# sign of an equation, before * and /. Every bracket that is open costs more than those, and that of an index most.
SEPARATOR, SUM, EQUATION, PRODUCT = range(4)
BRACKET, INDEX = 4, 8
# A mark: how many letters behind its first one to cut, and the cost.
PLACES = {
    ", ": (2, SEPARATOR),
    ": ": (2, SEPARATOR),
    " + ": (1, SUM),
    " - ": (1, SUM),
    "= ": (2, EQUATION),
    "*": (0, PRODUCT),
    "/": (0, PRODUCT),
}
MARKS = re.compile(r"[\[\]()]|\*\*|[*/]|, |: | [-+] |= ")


def comment(text: str, width: int) -> list[str]:
    """A formula as a comment, on as many lines as it needs."""
    return wrapped(text, width, "# ", "#     ")


def wrapped(text: str, width: int, first: str = "", further: str = "    ") -> list[str]:
    """A formula on as many lines as it needs. `first` and `further` begin the first line and the others."""
    lines, begin = [], first
    while len(begin) + len(text) > width:
        cut = _best_cut(text, width - len(begin))
        if cut is None:
            break
        lines.append(begin + text[:cut].rstrip())
        text, begin = text[cut:].lstrip(), further
    return [*lines, begin + text]


def _best_cut(text: str, room: int) -> int | None:
    """The best place at which the first part fits, and of those the last; an early one only if there is no other.

    Where nothing fits, the first place of all.
    """
    cuts = [(cost, -at) for at, cost in _cuts(text) if text[:at].rstrip()]
    fitting = [(cost, at) for cost, at in cuts if len(text[:-at].rstrip()) <= room]
    late = [(cost, at) for cost, at in fitting if -at > room // 3]
    if fitting:
        return -min(late or fitting)[1]
    return -cuts[0][1] if cuts else None


def _cuts(text: str) -> Iterator[tuple[int, int]]:
    """Every place where a formula may be cut, with its cost."""
    depth = index = 0  # the brackets that are open, and how many of them up to the first one of an index
    for found in MARKS.finditer(text):
        mark, at = found[0], found.start()
        if mark in "([":
            depth += 1
            index = index or (depth if mark == "[" else 0)
        elif mark in ")]":
            index = 0 if index == depth else index
            depth -= 1
        elif mark != "**":
            behind, cost = PLACES[mark]
            yield at + behind, cost + BRACKET * depth + (INDEX if index else 0)
