"""`symnet gradients`, `show`, `trace` and `summary`: formulas and numbers to look at."""

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
    values_of,
)


@click.command("gradients", short_help="Print the gradients of the loss as formulas.")
@spec_argument
@click.option("--wrt", multiple=True, metavar="NAME", help="Only the gradient of the loss by this tensor; repeatable.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "latex", "matrix"]),
    default="text",
    show_default=True,
    help="Index notation, LaTeX, or matrix products where there are such.",
)
@click.option(
    "--order",
    type=click.IntRange(1, 2),
    default=1,
    show_default=True,
    help="2 for the second derivatives, the Hessian.",
)
@json_option
@spec_options
def gradients_command(
    spec: str,
    wrt: tuple[str, ...],
    form: str,
    order: int,
    as_json: bool,
    settings: tuple[str, ...],
    libraries: tuple[str, ...],
) -> None:
    """Print the gradients of the loss as formulas.

    Each comes with the intermediate adjoints that it uses. --wrt also takes a tensor that is no parameter. A spec that
    minimises nothing, such as one of a layer alone, has those of any loss of its outputs: dy is then given.

    \b
    Examples:
      symnet gradients examples/digits_by_hand.sym
      symnet gradients examples/digits_by_hand.sym --wrt z
      symnet gradients examples/logistic_regression.sym --format latex
      symnet gradients examples/logistic_regression.sym --order 2 --wrt w --format matrix
    """
    import symnet
    from symnet.commands.pretty import show_formulas

    verb = symnet.gradients if order == 1 else symnet.hessians
    found = verb(symnet.load(spec), wrt=wrt or None, **spec_arguments(settings, libraries))
    if as_json:
        click.echo(found.to_json())
    else:
        show_formulas(found, form)


@click.command("show", short_help="Print the program after any pass.")
@spec_argument
@click.option("--after", metavar="PASS", help="After this pass; the last one if not said. An unknown one lists them.")
@spec_options
def show_command(spec: str, after: str | None, settings: tuple[str, ...], libraries: tuple[str, ...]) -> None:
    """Print the program that a spec becomes, forward and backward, in the notation of the language.

    \b
    Examples:
      symnet show examples/digits_by_hand.sym
      symnet show examples/digits_by_hand.sym --after differentiate
    """
    import symnet

    click.echo(symnet.show(symnet.load(spec), after=after, **spec_arguments(settings, libraries)))


@click.command("trace", short_help="Walk forward and backward with numbers, node by node.")
@spec_argument
@click.argument("values", nargs=-1, metavar="[NAME=VALUE]...")
@click.option("--scalars", is_flag=True, help="Unroll every index: each operation is one of + * exp log / on scalars.")
@json_option
@spec_options
def trace_command(
    spec: str,
    values: tuple[str, ...],
    scalars: bool,
    as_json: bool,
    settings: tuple[str, ...],
    libraries: tuple[str, ...],
) -> None:
    """Walk through forward and backward pass with numbers, node by node.

    Shows each node with its value, the local gradient of each edge as formula and number, and then the way back: for
    each node the adjoints that arrive, times the local gradients, and their sums. Values are numbers or lists.

    \b
    Examples:
      symnet trace examples/scalar_graph.sym a=2 b=1
      symnet trace examples/linear_classifier.sym --scalars
      symnet trace examples/dag.sym x=0.5
    """
    import symnet
    from symnet.commands.pretty import show

    given = values_of(values)
    found = symnet.trace(symnet.load(spec), given, scalars=scalars, **spec_arguments(settings, libraries))
    if as_json:
        click.echo(found.to_json())
    else:
        show(found)


@click.command("summary", short_help="Print shapes, parameters, operations and bytes.")
@spec_argument
@memory_option
@size_option
@json_option
@spec_options
def summary_command(
    spec: str,
    memory: str | None,
    sizes: tuple[str, ...],
    as_json: bool,
    settings: tuple[str, ...],
    libraries: tuple[str, ...],
) -> None:
    """Print shapes, parameters, operations forward and backward, and the bytes saved between the two.

    The peak of a step, as a formula in the sizes, is the most bytes that it holds beyond parameters and data.

    With --memory also what `symnet compile --memory` calculates twice instead of keeping it: which tensors, the bytes
    that this frees, and what it costs.

    \b
    Examples:
      symnet summary examples/digits_mlp.sym
      symnet summary deep.sym --set depth=24 --size N=256
      symnet summary deep.sym --memory 64MB --size N=256
    """
    import symnet
    from symnet.commands.pretty import show

    found = symnet.summary(
        symnet.load(spec), memory=memory, sizes=sizes_of(sizes), **spec_arguments(settings, libraries)
    )
    if as_json:
        click.echo(found.to_json())
    else:
        show(found)
