"""What check and train show: colours, a progress bar and curves in a terminal, plain lines in a pipe or a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from symnet.charts import dots, training_charts
from symnet.check_report import aligned

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from symnet.charts import Chart
    from symnet.check_report import Report
    from symnet.train import Progress


def print_report(report: Report) -> None:
    """A check's table and its verdict; in a terminal what is wrong is red. Click leaves colours out elsewhere."""
    headings, *lines = aligned(report.table())
    if lines:
        click.secho(headings, bold=True)
    for row, line in zip(report.rows, lines, strict=True):
        click.secho(line, fg="red" if row.wrong else None)
    click.secho(report.verdict(), fg="green" if report.ok else "red", bold=True)


@contextmanager
def training_display(batches_too: bool = True) -> Iterator[Callable[[Progress], None]]:
    """A callback for `train`: a line for each epoch and, in a terminal, a bar that follows the batches."""
    if not (batches_too and sys.stderr.isatty()):
        yield _print_epoch
        return
    from rich.console import Console, Group
    from rich.live import Live
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Bar(*columns, console=console)
    task = bar.add_task("preparing", total=None)
    history: list[dict[str, Any]] = []
    with Live(bar, console=console, transient=True) as live:

        def show(progress: Progress) -> None:
            done = (progress.epoch - 1) * progress.batches + progress.batch
            text = f"epoch {progress.epoch}/{progress.epochs}  loss {progress.loss:.4f}"
            bar.update(task, description=text, completed=done, total=progress.epochs * progress.batches)
            _print_epoch(progress)
            if progress.record is not None:
                history.append(progress.record)
            if len(history) > 1:
                live.update(Group(curves(history, console.width), bar))

        yield show
    if len(history) > 1:
        console.print(curves(history, console.width))


def curves(history: Sequence[Mapping[str, float]], width: int) -> Table:
    """The curves of loss and metrics as a drawing for a terminal, panel beside panel."""
    from rich.table import Table

    charts = training_charts(history)
    grid = Table.grid(padding=(0, 3))
    cells = max(20, min(CURVE_WIDTH, width // max(1, len(charts)) - 16))
    grid.add_row(*(_drawing(chart, cells) for chart in charts))
    return grid


CURVE_WIDTH, CURVE_HEIGHT = 36, 7  # in characters
COLOURS = ("cyan", "yellow", "green", "magenta")


def _drawing(chart: Chart, width: int) -> Text:
    from rich.text import Text

    text = Text(f"{chart.title}: ", style="bold")
    for k, (name, points) in enumerate(chart.curves):
        text.append(f"{'  ' if k else ''}{name} {points[-1][1]:.4g}", style=f"not bold {COLOURS[k % len(COLOURS)]}")
    values = [y for _, y in chart.points]
    marks = {0: max(values), CURVE_HEIGHT - 1: min(values)}
    for k, line in enumerate(dots(chart, width, CURVE_HEIGHT)):
        text.append(f"\n{f'{marks[k]:.4g}' if k in marks else '':>9} ", style="not bold dim")
        text.append("│" if k < CURVE_HEIGHT - 1 else "└", style="not bold dim")
        for cell, owner in line:
            text.append(cell, style=f"not bold {COLOURS[owner % len(COLOURS)]}" if owner >= 0 else "")
    return text


def _print_epoch(progress: Progress) -> None:
    if progress.record is not None:
        click.echo(epoch_line(progress.epochs, progress.record))


def epoch_line(epochs: int, record: dict[str, Any]) -> str:
    """One epoch's numbers in one line; `held-out` is before the first that was measured on held-out rows."""
    measured = {name: value for name, value in record.items() if name not in ("epoch", "rate", "train_loss")}
    parts = [f"epoch {record['epoch']:>{len(str(epochs))}}/{epochs}", f"train loss {record['train_loss']:.4f}"]
    if measured:
        parts.append("held-out " + "  ".join(f"{name} {value:.4f}" for name, value in measured.items()))
    return "   ".join(parts)
