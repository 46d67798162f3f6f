"""`symnet stability`: what guards the delicate operations of a network, and a test of it; the table of the library."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from symnet.commands.options import json_option, library_sources, spec_arguments, spec_options


@click.command("stability", short_help="Certify the arithmetic: what is guarded how, and a test at hostile points.")
@click.argument("spec", type=click.Path(), metavar="[SPEC]", required=False)
@json_option
@spec_options
def stability_command(spec: str | None, as_json: bool, settings: tuple[str, ...], libraries: tuple[str, ...]) -> int:
    """Certify the arithmetic of the loss and its gradients.

    Lists the formulas that were rewritten, each logarithm, division, root, exponential, power and choice of the
    program with what guards it, and the largest error of every result of the emitted module against 50 digits, in
    double and in single precision: at points where inputs or parameters are ±1000, all equal, 0, 1e-8 or -inf. Fails
    where a result is NaN or infinite although there is an exact value, where half of its digits are lost, or where
    NumPy warns in vain.

    Without SPEC, prints the table of the whole library, which takes minutes.

    \b
    Examples:
      symnet stability examples/digits_by_hand.sym --json
      symnet stability examples/logistic_regression.sym
      symnet stability
    """
    import symnet

    if spec is None:
        return _library(as_json, libraries)
    found = symnet.stability(symnet.load(spec), **spec_arguments(settings, libraries))
    click.echo(found.to_json() if as_json else str(found))
    return 0 if found.ok else 1


def _library(as_json: bool, libraries: tuple[str, ...]) -> int:
    """The table of the library, and of further ones."""
    from symnet.compile import module_of, network
    from symnet.errors import Source
    from symnet.language.library import load_library
    from symnet.language.network import Network
    from symnet.language.parse import parse
    from symnet.stability.library import printed, rows

    sources = library_sources(libraries)

    def network_of(text: str) -> Network:
        return network(parse(Source("<example>", text)), library=sources)

    found = list(rows(load_library(sources).values(), network_of, module_of))
    click.echo(json.dumps([asdict(row) for row in found], ensure_ascii=False) if as_json else printed(found))
    return 1 if any(row.findings for row in found) else 0
