"""A trace as text: tables that fit a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from symnet.trace.graph import Step, Trace, Value, plain_text

WIDEST = 60  # of an array that is shown in full


def trace_text(trace: Trace) -> str:
    """The whole trace: forward pass, local gradients, backward pass, and what came out."""
    what = "every operation" if trace.scalars else "every tensor"
    parts = [
        f"{trace.network}: {trace.objective} and its gradient, {what} a node",
        "Forward: what is given, then each node after those it is calculated from\n" + _forward(trace),
        "Local gradients: how a node changes with the one before it, an edge each\n" + _edges(trace),
        f"Backward: dv is ∂{trace.objective}/∂v. Each child sends back its local gradient times its own adjoint;\n"
        "where a value is used more than once, the parts are added up\n" + _backward(trace),
        "Result\n" + _table((("", f"∂{trace.objective}/∂{n}", "=", shown(v)) for n, v in trace.gradients.items())),
        paths_text(trace),
    ]
    return "\n\n".join(parts)


def _forward(trace: Trace) -> str:
    return _table(("", n.symbol, "=", n.formula or "given", "=", shown(n.value)) for n in trace.nodes)


def _edges(trace: Trace) -> str:
    return _table(("", e.symbol, "=", e.local, "=", shown(e.value)) for e in trace.edges)


def _backward(trace: Trace) -> str:
    return "\n".join(line for step in trace.steps for line in _step(step))


def _step(step: Step) -> list[str]:
    parts = step.contributions
    if not parts:
        return [f"  {step.symbol} = {shown(step.value)}"]
    if all(part.numbers for part in parts):
        symbols = " + ".join(part.formula for part in parts)
        numbers = " + ".join(part.numbers for part in parts)
        line = f"  {step.symbol} = {symbols} = {numbers} = {shown(step.value)}"
        if len(line) <= 100:
            return [line]
        return [
            f"  {step.symbol} = {shown(step.value)}, the sum of",
            *(f"    {part.formula} = {part.numbers} = {shown(part.value)}" for part in parts),
        ]
    if len(parts) == 1:
        return [f"  {step.symbol} = {parts[0].formula}", f"    = {shown(step.value)}   from {parts[0].child}"]
    rows = [("", part.formula, "=", shown(part.value), f"from {part.child}") for part in parts]
    return [f"  {step.symbol} = {shown(step.value)}, the sum of", *("  " + row for row in _table(rows).split("\n"))]


def paths_text(trace: Trace) -> str:
    """How many paths there are, and that each edge is visited once."""
    paths, edges = sum(trace.paths.values()), len(trace.edges)
    each = (
        ", ".join(f"{count:,} from {name}" for name, count in trace.paths.items()) if 1 < len(trace.paths) <= 6 else ""
    )
    found = f"{paths:,} {'path leads' if paths == 1 else 'paths lead'} to {trace.objective}" + (
        f" ({each})" if each else ""
    )
    return (
        f"{found}, over {edges:,} edges.\n"
        "The chain rule adds up over all paths, and their number can double with every step; the backward pass\n"
        "collects what comes back at each node before it goes on, and so visits each edge once."
    )


def shown(value: Value) -> str:
    """A number with six digits; an array in full where it is small, else its shape and range."""
    if value is None:
        return "…"
    if not isinstance(value, np.ndarray):
        return plain_text(value)
    text = _array(value)
    if len(text) <= WIDEST:
        return text
    shape = "x".join(map(str, value.shape))
    return f"{shape} numbers, {plain_text(value.min(), 4)} to {plain_text(value.max(), 4)}"


def _array(value: Value) -> str:
    if value.ndim == 0:
        return plain_text(value.item(), 4)
    if value.size > WIDEST // 2:
        return "." * (WIDEST + 1)
    return f"[{', '.join(_array(np.asarray(part)) for part in value)}]"


def _table(rows: Iterable[Sequence[str]]) -> str:
    """Columns below each other; a cell that is far longer than the others does not move its column."""
    cells = [tuple(row) for row in rows]
    if not cells:
        return "  none"
    widths = [max((len(row[k]) for row in cells if len(row[k]) <= 44), default=0) for k in range(len(cells[0]))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in cells)
