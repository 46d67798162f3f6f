"""How formulas, traces and summaries look in a terminal: tables and colours. A pipe gets the plain text instead."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from symnet.gradients import Gradients
    from symnet.hessians import Hessians
    from symnet.summary import Summary
    from symnet.trace import Trace

# What is coloured in a formula, from the first pattern that fits on.
FORMULA = re.compile(
    r"(?P<sign>δ)|(?P<reduction>\b(?:sum|mean|prod|max|min|argmax|argmin|where)\b(?=\())|(?P<function>\b[a-z][a-z0-9]*(?=\())"
    r"|(?P<edge>∂[\w.']+/∂[\w.']+)|(?P<name>\b[A-Za-z_][\w.']*)|(?P<number>(?<![\w.])\d[\d.,e]*\b)"
)
ADJOINT = "bold cyan"
STYLES = {"sign": "yellow", "reduction": "magenta", "function": "blue", "edge": ADJOINT, "name": "", "number": "green"}


def show(value: Any) -> None:
    """Print something that `str` turns into plain text; in a terminal with tables and colours where there are such."""
    kind = type(value).__name__
    if not sys.stdout.isatty() or kind not in ROWS:
        click.echo(str(value))
        return
    from rich.console import Console

    ROWS[kind](value, Console(highlight=False))


def show_formulas(found: Gradients | Hessians, form: str) -> None:
    """Print lines with formulas, with colours in a terminal."""
    listing = found.listing(form)
    if not sys.stdout.isatty():
        click.echo(listing)
        return
    adjoints = {name for f in found.lines for name, tensor in f.tensors.items() if tensor.derived}
    from rich.console import Console

    Console(highlight=False, soft_wrap=True).print(coloured(listing, adjoints))


def coloured(formula: str, adjoints: Collection[str] = ()) -> Text:
    """A formula in which adjoints, functions and numbers can be told apart."""
    from rich.text import Text

    text = Text(formula)
    for match in FORMULA.finditer(formula):
        text.stylize(ADJOINT if match[0] in adjoints else STYLES[str(match.lastgroup)], *match.span())
    return text


def _print(
    console: Console, title: str, headings: Sequence[str], rows: Iterable[Sequence[Any]], right: Sequence[int] = ()
) -> None:
    """A table below its title."""
    from rich import box
    from rich.table import Table

    console.print(title, style="bold", markup=False)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for k, heading in enumerate(headings):
        table.add_column(heading, justify="right" if k in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)


# --- traces ----------------------------------------------------------------------------------------


def _trace(trace: Trace, console: Console) -> None:
    from symnet.trace.text import paths_text, shown

    nodes = ((coloured(n.symbol), coloured(n.formula or "given"), shown(n.value)) for n in trace.nodes)
    edges = ((coloured(e.symbol), coloured(e.local), shown(e.value)) for e in trace.edges)
    console.print(f"{trace.network}: {trace.objective} and its gradient\n", style="bold", markup=False)
    _print(console, "Forward", ("node", "is", "value"), nodes)
    _print(console, "Local gradients", ("edge", "is", "value"), edges)
    adjoints = {step.symbol.partition("[")[0] for step in trace.steps}
    title = f"Backward: dv is ∂{trace.objective}/∂v"
    _print(console, title, ("adjoint", "sum of", "from", "value"), _steps(trace, adjoints))
    result = ((coloured(f"∂{trace.objective}/∂{n}"), shown(v)) for n, v in trace.gradients.items())
    _print(console, "Result", ("gradient", "value"), result)
    console.print(paths_text(trace), markup=False)


def _steps(trace: Trace, adjoints: Collection[str]) -> Iterable[Sequence[Any]]:
    """A row for each adjoint; where it has several contributions, one for each and one for their sum."""
    from symnet.trace.text import shown

    for step in trace.steps:
        parts = step.contributions
        for part in parts:
            said = coloured(f"{part.formula} = {part.numbers}" if part.numbers else part.formula, adjoints)
            yield coloured(step.symbol, adjoints) if len(parts) == 1 else "", said, part.child, shown(part.value)
        if len(parts) != 1:
            yield coloured(step.symbol, adjoints), f"the sum of {len(parts)}" if parts else "", "", shown(step.value)


# --- summaries -------------------------------------------------------------------------------------


def _summary(summary: Summary, console: Console) -> None:
    from symnet.summary import HEADINGS, TRADES, balance, cost_text, peak_text, shape_text, totals, trades

    rows = (
        (r.name, r.kind, shape_text(r.shape), *map(cost_text, (r.parameters, r.forward, r.backward)))
        for r in summary.rows
    )
    what = f"minimises {summary.objective}" if summary.objective else "minimises nothing"
    _print(console, f"{summary.network}: {what}", HEADINGS, rows, right=(3, 4, 5))
    _print(console, "In all", ("", "formula", "number", ""), totals(summary))
    if summary.peak is not None:
        console.print("Peak of a step", style="bold")
        console.print(f"{peak_text(summary)}\n", markup=False, highlight=False)
    if summary.traded is not None:
        _print(console, f"Keep or recompute: memory = {summary.budget}", TRADES, trades(summary), right=(3, 4, 5))
        _print(console, "For that", ("", "number", ""), balance(summary), right=(1,))


ROWS: Mapping[str, Callable[[Any, Console], None]] = {"Trace": _trace, "Summary": _summary}
