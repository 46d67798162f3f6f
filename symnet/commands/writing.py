"""`symnet paper`: documents."""

from __future__ import annotations

import click

from symnet.commands.options import spec_argument, spec_arguments, spec_options


@click.command("paper", short_help="Write the derivation of the gradients as a document.")
@spec_argument
@click.option(
    "-o", "--output", type=click.Path(), metavar="FILE", help="gradients.tex or gradients.md; else Markdown is printed."
)
@spec_options
def paper_command(spec: str, output: str | None, settings: tuple[str, ...], libraries: tuple[str, ...]) -> None:
    """Write the derivation of the gradients as a document, for an appendix or a hand-out.

    First the definitions, then the adjoint of every tensor in the order of the backward pass: the chain rule, the local
    gradients, which Kronecker deltas were eliminated and which identities used. Every formula has a number.

    \b
    Examples:
      symnet paper examples/digits_by_hand.sym -o gradients.tex && pdflatex gradients.tex && pdflatex gradients.tex
      symnet paper examples/linear_classifier.sym -o gradients.md
      symnet paper examples/gpt_small.sym --set depth=1 -o block.tex
    """
    import symnet
    from symnet.files import check_writable

    if output and output != "-":
        check_writable(output)
    found = symnet.paper(symnet.load(spec), **spec_arguments(settings, libraries))
    if not output or output == "-":
        click.echo(found.markdown(), nl=False)
        return
    found.save(output)
    count = len(found.derivation.values) + len(found.derivation.adjoints)
    click.echo(f"{output}: {count} formulas")
