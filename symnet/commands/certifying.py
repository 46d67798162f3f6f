"""`symnet stability`: what guards the delicate operations of a network, and a test of it."""

from __future__ import annotations

import click

from symnet.commands.options import json_option, spec_argument, spec_arguments, spec_options


@click.command("stability", short_help="Certify the arithmetic: what is guarded how, and a test at hostile points.")
@spec_argument
@json_option
@spec_options
def stability_command(spec: str, as_json: bool, settings: tuple[str, ...], libraries: tuple[str, ...]) -> int:
    """Certify the arithmetic of the loss and its gradients.

    Lists the formulas that were rewritten, each logarithm, division, root, exponential, power and choice of the
    program with what guards it, and the largest error of every result against 50 digits: at points where inputs or
    parameters are ±1000, all equal, or 0. Fails where a result is NaN or infinite although its exact value is a double.

    \b
    Examples:
      symnet stability examples/digits_by_hand.sym --json
      symnet stability examples/logistic_regression.sym
    """
    import symnet

    found = symnet.stability(symnet.load(spec), **spec_arguments(settings, libraries))
    click.echo(found.to_json() if as_json else str(found))
    return 0 if found.ok else 1
