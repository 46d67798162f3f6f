"""Formulas in the comments of emitted code: long ones are cut where a reader would cut them."""

from __future__ import annotations

from collections.abc import Iterator

from symnet.backends.numpy.layout import depths

# How bad it is to cut here, in the brackets that are open anyway: behind a comma or colon, before + and -, behind the
# sign of an equation, before * and /. Every bracket that is open costs more than those, and that of an index most.
SEPARATOR, SUM, EQUATION, PRODUCT = range(4)
BRACKET, INDEX = 4, 8


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
    index = 0  # the number of brackets up to the first one of an index
    for at, depth in depths(text.replace("'", "_")):  # a prime quotes nothing
        letter = text[at]
        index = index or (depth if letter == "[" else 0)
        cost = BRACKET * depth + (INDEX if index else 0)
        index = 0 if letter == "]" and depth == index else index
        if letter in "([{":
            continue
        if text.startswith((" + ", " - "), at):
            yield at + 1, cost + SUM
        elif text.startswith((", ", ": "), at):
            yield at + 2, cost + SEPARATOR
        elif text.startswith("= ", at):
            yield at + 2, cost + EQUATION
        elif letter in "*/" and "*" not in (text[at - 1 : at], text[at + 1 : at + 2]):
            yield at, cost + PRODUCT
