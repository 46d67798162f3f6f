"""`symnet compile` and `symnet check`."""

from __future__ import annotations

from typing import Any

import click

from symnet.commands.options import (
    json_option,
    memory_option,
    module_of,
    size_option,
    sizes_of,
    spec_argument,
    spec_arguments,
    spec_options,
    target_argument,
)
from symnet.errors import UsageError


@click.command("compile", short_help="Compile a spec into a standalone NumPy module.")
@spec_argument
@click.option(
    "-o", "--output", type=click.Path(), metavar="FILE", help="Where to write the module; else it is printed."
)
@click.option("--check/--no-check", default=True, help="Whether to prove the gradients by differences (default: yes).")
@click.option(
    "--with",
    "further",
    metavar="KIND,...",
    default="",
    help="Further functions of the module: jvp, hvp, hessian, hessian:W, diagonal, diagonal:W, per_example.",
)
@memory_option
@size_option
@spec_options
def compile_command(
    spec: str,
    output: str | None,
    check: bool,
    further: str,
    memory: str | None,
    sizes: tuple[str, ...],
    settings: tuple[str, ...],
    libraries: tuple[str, ...],
) -> None:
    """Compile a spec into a standalone NumPy module.

    The module holds init, forward, backward, loss_and_grad, predict, evaluate and update, and imports nothing but
    NumPy. Its gradients are compared with finite differences before it is written; one that fails is not written
    (exit code 1).

    --memory bounds what a step takes at the sizes that --size gives, or the spec's examples; `symnet summary` with the
    same options shows what is traded for it. Results are the same in every bit.

    \b
    Examples:
      symnet compile examples/digits_mlp.sym -o digits.py
      symnet compile deep.sym --set depth=24 -o deep24.py
      symnet compile mine.sym --library mylayers.sym --no-check | less
      symnet compile mine.sym --with hvp,hessian:W -o mine.py
      symnet compile deep.sym --memory 64MB --size N=256 -o deep.py
    """
    import symnet
    from symnet.files import check_writable

    if sizes and memory is None:
        raise UsageError("--size goes with --memory: a module is for all sizes")

    if output and output != "-":
        check_writable(output)
    loaded = symnet.load(spec)
    wanted = [kind.strip() for kind in further.split(",") if kind.strip()]
    bounds: dict[str, Any] = {"memory": memory, "sizes": sizes_of(sizes)}
    compiled = symnet.compile(loaded, check=check, further=wanted, **bounds, **spec_arguments(settings, libraries))
    if not output or output == "-":
        click.echo(compiled.source, nl=False)
        return
    compiled.save(output)
    proof = "not checked" if compiled.report is None else f"gradients checked, error below {compiled.report.bound}"
    click.echo(f"{output}: {compiled.source.count(chr(10)):,} lines, {proof}")


@click.command("check", short_help="Compare gradients with finite differences.")
@target_argument
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Of the point that is checked.")
@size_option
@click.option(
    "--entries", default=200, show_default=True, type=click.IntRange(min=1), help="How many entries to check, about."
)
@json_option
@spec_options
def check_command(
    target: str,
    seed: int,
    sizes: tuple[str, ...],
    entries: int,
    as_json: bool,
    settings: tuple[str, ...],
    libraries: tuple[str, ...],
) -> int:
    """Compare gradients with finite differences.

    Takes a spec or a module that was compiled before, also one that was edited by hand. loss_and_grad is checked, and
    backward with random upstream gradients; small tensors entry by entry, larger ones by random entries and random
    directions. An entry at a kink (relu at 0) is told apart from a wrong one. Exit code 1 if a gradient is wrong.

    \b
    Examples:
      symnet check examples/digits_mlp.sym
      symnet check digits.py --seed 7 --size N=16
      symnet check digits.py --json | jq .error
    """
    import symnet
    from symnet.terminal import print_report

    options: dict[str, Any] = {"seed": seed, "sizes": sizes_of(sizes), "entries": entries}
    if target.endswith(".py"):
        report = symnet.check(module_of(target, settings, libraries), **options)
    else:
        report = symnet.check(symnet.load(target), **spec_arguments(settings, libraries), **options)
    if as_json:
        click.echo(report.to_json())
    else:
        print_report(report)
    return 0 if report.ok else 1
