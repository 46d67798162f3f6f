"""`symnet train` and `symnet predict`."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from symnet.commands.options import json_option, module_of, spec_options, target_argument
from symnet.errors import UsageError

INTERRUPTED = 130
DATA_HELP = "An .npz file whose arrays have the inputs' names, or sklearn:digits, iris, wine, breast_cancer, diabetes."


@click.command("train", short_help="Train a network on data.")
@target_argument
@click.option("--data", required=True, metavar="DATA", help=DATA_HELP)
@click.option("--validation", metavar="DATA", help="Measure on these data, in the same forms, and learn from all rows.")
@click.option("--epochs", type=int, help="How often to go through the data (default: 20).")
@click.option("--batch", type=int, help="Rows in a minibatch (default: 32); the last one of an epoch may be smaller.")
@click.option("--seed", type=int, help="Decides weights, split and order (default: 0).")
@click.option("--rate", type=float, help="The learning rate (default: the one in the spec).")
@click.option("--schedule", metavar="NAME", help="constant (default), cosine, step or linear: how the rate changes.")
@click.option("--warmup", type=float, metavar="EPOCHS", help="Raise the rate from 0 over so many epochs.")
@click.option("--held-out", type=float, metavar="SHARE", help="The share of rows kept for measuring (default: 0.2).")
@click.option("--keep", metavar="last|best", help="Which weights to save, best by held-out loss (default: last).")
@click.option("--dtype", metavar="float32|float64", help="Of the weights and the arithmetic (default: float32).")
@click.option("--out", type=click.Path(), metavar="FILE", help="Where to save the weights: weights.npz.")
@click.option(
    "--checkpoint", type=click.Path(), metavar="FILE", help="Keep a checkpoint here, written after each epoch."
)
@click.option("--every", default=0, type=click.IntRange(min=0), metavar="N", help="Write it after each N batches too.")
@click.option("--resume", type=click.Path(), metavar="FILE", help="Go on from this checkpoint, and keep it up to date.")
@click.option("--plot", type=click.Path(), metavar="FILE", help="Draw the curves of loss and metrics: curves.svg.")
@click.option("--quiet", is_flag=True, help="Print the last epoch only.")
@json_option
@spec_options
def train_command(
    target: str,
    data: str,
    validation: str | None,
    out: str | None,
    checkpoint: str | None,
    every: int,
    resume: str | None,
    plot: str | None,
    quiet: bool,
    as_json: bool,
    settings: tuple[str, ...],
    libraries: tuple[str, ...],
    **run: Any,
) -> int:
    """Train a network on data, with the loss and the optimiser of its spec.

    The rows are shuffled anew for each epoch. After each epoch the loss and the metrics on held-out rows are printed.
    Everything follows from the seed: the same command gives the same bits. Ctrl-C stops after the batch at hand and
    writes the checkpoint; a run that is resumed ends with the same bits as one that was never stopped. A loss that is
    not finite any more ends the run with exit code 1.

    \b
    Examples:
      symnet train examples/digits_mlp.sym --data sklearn:digits --out weights.npz
      symnet train net.sym --data rows.npz --validation others.npz --keep best --out weights.npz
      symnet train net.sym --data rows.npz --epochs 50 --rate 0.01 --schedule cosine --checkpoint run.npz
      symnet train net.sym --data rows.npz --epochs 50 --resume run.npz --out weights.npz
    """
    from symnet.charts import svg, training_charts
    from symnet.files import check_writable, write_text
    from symnet.terminal import epoch_line, training_display
    from symnet.train import Progress, train

    for file in filter(None, (out, checkpoint, plot)):
        check_writable(file)
    if validation is not None and run["held_out"] is not None:
        raise UsageError("--held-out keeps rows of --data apart; with --validation none are")
    if every and not (checkpoint or resume):
        raise UsageError("--every says how often to write the checkpoint; add --checkpoint FILE")
    module = module_of(target, settings, libraries)

    def print_json(progress: Progress) -> None:
        if progress.record is not None:
            click.echo(json.dumps(progress.record))

    def print_nothing(progress: Progress) -> None:
        pass

    with _stopping() as stop, training_display(not (as_json or quiet)) as show:
        result = train(
            module,
            data,
            validation=validation,
            resume=resume,
            checkpoint=checkpoint,
            every=every,
            out=out,
            on_progress=print_json if as_json else print_nothing if quiet else show,
            stop=stop,
            **run,
        )
    if plot and result.history:
        write_text(plot, svg(training_charts(result.history)))
    if result.stopped:
        kept = checkpoint or resume
        click.echo(f"stopped; go on with --resume {kept}" if kept else "stopped", err=True)
        return INTERRUPTED
    if quiet and not as_json and result.history:
        click.echo(epoch_line(len(result.history), result.history[-1]))
    if as_json:
        return 0
    for path, what in ((out, "weights"), (plot, "curves")):
        if path:
            click.echo(f"{what} saved to {path}")
    return 0


@contextmanager
def _stopping() -> Iterator[Any]:
    """A question that is answered with yes once Ctrl-C was pressed; a second Ctrl-C interrupts at once."""
    asked = []

    def note(number: int, frame: object) -> None:
        asked.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield lambda: bool(asked)
    finally:
        signal.signal(signal.SIGINT, before)


@click.command("predict", short_help="Calculate a network's outputs for data.")
@target_argument
@click.option(
    "--weights", required=True, type=click.Path(), metavar="FILE", help="The weights, as `train --out` saves them."
)
@click.option("--data", required=True, metavar="DATA", help=DATA_HELP)
@click.option("-o", "--output", type=click.Path(), metavar="FILE", help="Where to save the outputs: out.npz.")
@click.option("--batch", type=click.IntRange(min=1), metavar="ROWS", help="So many rows at a time, to save memory.")
@spec_options
def predict_command(
    target: str,
    weights: str,
    data: str,
    output: str | None,
    batch: int | None,
    settings: tuple[str, ...],
    libraries: tuple[str, ...],
) -> None:
    """Calculate a network's outputs for data, with weights from training.

    The outputs are saved by their names in the spec. Where the data also hold what the loss needs, the loss and the
    metrics are printed.

    \b
    Examples:
      symnet predict examples/digits_mlp.sym --weights weights.npz --data sklearn:digits -o out.npz
      symnet predict digits.py --weights weights.npz --data rows.npz --batch 1000 -o out.npz
    """
    from symnet.checkpoint import load_weights
    from symnet.contract import Contract
    from symnet.data import load_data
    from symnet.files import check_writable, write_arrays
    from symnet.predict import predict
    from symnet.train import evaluate

    if output:
        check_writable(output)
    module = module_of(target, settings, libraries)
    contract = Contract.of(module)
    params, state = load_weights(weights, contract)
    dtype = next(iter(params.values())).dtype if params else "float64"
    rows = load_data(data, contract, names=contract.takes("predict"), others=contract.takes("evaluate"), dtype=dtype)
    outputs = predict(module, params, rows, state=state, batch=batch)
    for name, value in outputs.items():
        click.echo(f"{name}: {value.dtype} {list(value.shape)}")
    if set(contract.takes("evaluate")) <= set(rows.arrays):
        measured = evaluate(module, params, rows, state=state)
        click.echo("  ".join(f"{name} {value:.6g}" for name, value in measured.items()))
    if output:
        write_arrays(output, outputs)
        click.echo(f"outputs saved to {output}")
