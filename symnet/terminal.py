"""What the commands show: colours and a progress bar in a terminal, plain lines in a pipe or a file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from symnet.check_report import aligned

if TYPE_CHECKING:
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
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("preparing", total=None)

        def show(progress: Progress) -> None:
            done = (progress.epoch - 1) * progress.batches + progress.batch
            text = f"epoch {progress.epoch}/{progress.epochs}  loss {progress.loss:.4f}"
            bar.update(task, description=text, completed=done, total=progress.epochs * progress.batches)
            _print_epoch(progress)

        yield show


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
