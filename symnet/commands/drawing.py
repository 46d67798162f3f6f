"""`symnet report` and `symnet draw`: a network to look at."""

from __future__ import annotations

from typing import Any

import click

from symnet.commands.options import spec_argument, spec_arguments, spec_options, values_of
from symnet.errors import UsageError

values_argument = click.argument("values", nargs=-1, metavar="[NAME=VALUE]...")
file_option = click.option(
    "--values", "file", type=click.Path(), metavar="FILE", help="An .npz file with arrays for inputs and parameters."
)


@click.command("report", short_help="Write a page that shows graph, formulas, code and check.")
@spec_argument
@values_argument
@click.option(
    "-o", "--output", type=click.Path(), default="report.html", show_default=True, metavar="FILE", help="The page."
)
@file_option
@click.option("--check/--no-check", default=True, help="Whether to prove the gradients by differences (default: yes).")
@spec_options
def report_command(
    spec: str,
    values: tuple[str, ...],
    output: str,
    file: str | None,
    check: bool,
    settings: tuple[str, ...],
    libraries: tuple[str, ...],
) -> None:
    """Write a page that shows a network: its graph, its gradients, its code, its check and its cost.

    One HTML file that opens from disk and loads nothing. A player walks forward and backward through the graph, a step
    at a time; the inputs of a small graph can be changed in the page. Values are numbers or lists, as for `trace`;
    what is not given is drawn.

    \b
    Examples:
      symnet report examples/scalar_graph.sym a=2 b=1
      symnet report examples/digits_mlp.sym -o digits.html
      symnet report mine.sym --values batch.npz -o mine.html
    """
    import symnet
    from symnet.files import check_writable

    check_writable(output)
    given = given_values(values, file)
    page = symnet.report(symnet.load(spec), given, check=check, **spec_arguments(settings, libraries))
    click.echo(f"wrote {page.save(output)}")


@click.command("draw", short_help="Draw the graph as SVG, DOT or PNG.")
@spec_argument
@values_argument
@click.option("-o", "--output", type=click.Path(), metavar="FILE", help="*.svg, *.dot or *.png; else SVG is printed.")
@click.option("--scalars", is_flag=True, help="Unroll every index: a box for each operation on numbers.")
@click.option(
    "--open/--closed", "opened", default=None, help="Whether layers show what is in them; up to 150 tensors they do."
)
@file_option
@spec_options
def draw_command(
    spec: str,
    values: tuple[str, ...],
    output: str | None,
    scalars: bool,
    opened: bool | None,
    file: str | None,
    settings: tuple[str, ...],
    libraries: tuple[str, ...],
) -> None:
    """Draw the graph of a network, from left to right, layers as boxes around what is in them.

    SVG and DOT need nothing else. PNG needs `pip install 'symnet[png]'`.

    \b
    Examples:
      symnet draw examples/lenet.sym -o lenet.svg
      symnet draw examples/gpt_small.sym --closed -o gpt.svg
      symnet draw examples/linear_classifier.sym --scalars -o graph.dot
    """
    import symnet
    from symnet.files import check_writable

    if output and output != "-":
        check_writable(output)
    loaded = symnet.load(spec)
    arguments: Any = spec_arguments(settings, libraries)
    drawing = symnet.draw(loaded, given_values(values, file), scalars=scalars, open=opened, **arguments)
    if not output or output == "-":
        click.echo(drawing.svg(), nl=False)
    else:
        click.echo(f"wrote {drawing.save(output)}")


def given_values(texts: tuple[str, ...], file: str | None) -> dict[str, Any]:
    """The values of `a=2 b=1` and those of a file. UsageError for a name that is given twice."""
    values = values_of(texts)
    if file is None:
        return values
    from symnet.files import read_arrays

    arrays = read_arrays(file)
    twice = [name for name in values if name in arrays]
    if twice:
        raise UsageError(f"{twice[0]} is given twice, here and in {file}")
    return {**arrays, **values}
