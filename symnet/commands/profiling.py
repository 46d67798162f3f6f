"""`symnet profile`: what each statement of a training step costs."""

from __future__ import annotations

import click

from symnet.commands.options import (
    json_option,
    memory_option,
    size_option,
    sizes_of,
    spec_argument,
    spec_arguments,
    spec_options,
)


@click.command("profile", short_help="Time each statement of the training step.")
@spec_argument
@size_option
@click.option(
    "--dtype",
    type=click.Choice(["float32", "float64"]),
    default="float32",
    show_default=True,
    help="Of the parameters and the arithmetic.",
)
@click.option(
    "--calls",
    default=100,
    show_default=True,
    type=click.IntRange(min=1),
    help="How many steps to time; medians are shown.",
)
@click.option(
    "--sort",
    type=click.Choice(["time", "order"]),
    default="time",
    show_default=True,
    help="What takes the longest first, or in the order in which statements run.",
)
@memory_option
@json_option
@spec_options
def profile_command(
    spec: str,
    sizes: tuple[str, ...],
    dtype: str,
    calls: int,
    sort: str,
    memory: str | None,
    as_json: bool,
    settings: tuple[str, ...],
    libraries: tuple[str, ...],
) -> None:
    """Time each statement of the training step.

    Runs loss_and_grad of the emitted module, with a workspace, at random parameters and inputs. Prints for each
    statement its time and share of the step, its operations, the bytes of the tensors that it reads and writes, its
    rate, and its formula. Sizes that only the data tell are the spec's examples, which are small: say with --size what
    they really are.

    \b
    Examples:
      symnet profile examples/digits_mlp.sym --size N=32
      symnet profile examples/gpt_small.sym --set depth=4 --size N=8 --size T=64 --calls 20
      symnet profile examples/lenet.sym --size N=32 --sort order --json
    """
    import symnet

    chosen = {"dtype": dtype, "calls": calls, "memory": memory, **spec_arguments(settings, libraries)}
    found = symnet.profile(symnet.load(spec), sizes=sizes_of(sizes), **chosen)
    if sort == "time":
        found = found.by_time()
    click.echo(found.to_json() if as_json else str(found))
