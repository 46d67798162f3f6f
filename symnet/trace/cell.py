"""A trace as a cell of a notebook: a table of all steps, and where scripts run, buttons that go through them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from symnet.backends import templates
from symnet.markup import escape
from symnet.trace.graph import Step, Trace
from symnet.trace.text import shown

MOST_ROWS = 400  # more than that nobody steps through


def trace_html(trace: Trace) -> str:
    """The steps forward, then backward. It needs nothing but itself, and everything is there without a script."""
    rows = [tuple(map(escape, row)) for row in _rows(trace)]
    title = f"{trace.network}: {trace.objective} and its gradient"
    if len(rows) > MOST_ROWS:
        title += f", the first {MOST_ROWS} of {len(rows)} steps"
    key = hashlib.sha256(repr(rows).encode()).hexdigest()[:12]
    page = templates.environment("notebook").get_template("trace.html.jinja")
    return page.render(key=key, title=escape(title), rows=rows[:MOST_ROWS])


def _rows(trace: Trace) -> Iterator[tuple[str, str, str, str, str]]:
    for node in trace.nodes:
        yield "forward", node.symbol, node.formula or "given", "", shown(node.value)
    for step in trace.steps:
        yield ("backward", step.symbol, *_sum(step), shown(step.value))


def _sum(step: Step) -> tuple[str, str]:
    """What comes back to a node, in symbols and in numbers."""
    parts = step.contributions
    if not parts:
        return "the objective itself", ""
    return " + ".join(part.formula for part in parts), " + ".join(part.numbers for part in parts if part.numbers)
