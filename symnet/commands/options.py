"""Options and arguments that several commands share, and what their text means."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, TypeVar

import click

from symnet.errors import Source, UsageError
from symnet.files import read_text

Decorated = TypeVar("Decorated", bound=Callable[..., Any])
Constant = Fraction | int | tuple[Fraction | int, ...]

NUMBER = re.compile(r"[+-]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][+-]?\d{1,3})?|[+-]?\d{1,40}/\d{1,40}")

spec_argument = click.argument("spec", type=click.Path(), metavar="SPEC")
target_argument = click.argument("target", type=click.Path(), metavar="SPEC|MODULE")
size_option = click.option("--size", "sizes", multiple=True, metavar="NAME=VALUE", help="A run-time size: N=32.")
memory_option = click.option(
    "--memory",
    metavar="BYTES",
    help="The most that a training step may take, in float32: 64MB, 1.5GiB, 200000, or `least`. "
    "Values are calculated twice instead of kept until it does.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


def spec_options(command: Decorated) -> Decorated:
    """`--set` and `--library`, which every command that reads a spec has."""
    library = click.option(
        "--library",
        "libraries",
        multiple=True,
        type=click.Path(),
        metavar="FILE",
        help="A file with more layers, functions or optimisers. May be given several times.",
    )
    constants = click.option(
        "--set",
        "settings",
        multiple=True,
        metavar="NAME=VALUE",
        help="Give a `const` of the spec another value: depth=24, rate=1/3, widths=64,32.",
    )
    return constants(library(command))


def constants_of(settings: Sequence[str]) -> dict[str, Constant]:
    """The values of `--set`."""
    return {name: _constant(name, text) for name, text in assignments(settings, "--set").items()}


def sizes_of(settings: Sequence[str]) -> dict[str, int]:
    """The values of `--size`."""
    sizes = {}
    for name, text in assignments(settings, "--size").items():
        if not re.fullmatch(r"\d{1,9}", text) or int(text) < 1:
            raise UsageError(f"the size {name} must be a whole number from 1 to 999999999, not {text!r}")
        sizes[name] = int(text)
    return sizes


def values_of(settings: Sequence[str]) -> dict[str, Any]:
    """The values of `a=2 x=[[1, 2], [3, 4]]`: numbers, and lists of them as in JSON."""
    values = {}
    for name, text in assignments(settings, "a value").items():
        try:
            values[name] = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"the value of {name}, {text!r}, is no number", hint="write a=2 or x=[1,2,3]") from error
        if not _numeric(values[name]):
            raise UsageError(f"the value of {name}, {text!r}, is no number and no list of numbers")
    return values


def assignments(settings: Sequence[str], option: str) -> dict[str, str]:
    """`["a=1", "b=2"]` as a dict of texts."""
    found: dict[str, str] = {}
    for text in settings:
        name, equals, value = text.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise UsageError(f"{option} takes NAME=VALUE, not {text!r}")
        if name.strip() in found:
            raise UsageError(f"{name.strip()} is given twice")
        found[name.strip()] = value.strip()
    return found


def library_sources(paths: Sequence[str]) -> list[Source]:
    """The texts of `--library`."""
    return [Source(str(path), read_text(path)) for path in paths]


def spec_arguments(settings: Sequence[str], libraries: Sequence[str]) -> Mapping[str, Any]:
    """The keywords that the verbs take for `--set` and `--library`."""
    return {"constants": constants_of(settings), "library": library_sources(libraries)}


def module_of(target: str, settings: Sequence[str], libraries: Sequence[str]) -> Any:
    """The module in a file `*.py`, or the one that a spec compiles to."""
    if target.endswith(".py"):
        from symnet.contract import load_module

        if settings or libraries:
            raise UsageError(f"--set and --library go with a spec; {target} is compiled already")
        return load_module(target)
    import symnet

    loaded = symnet.load(target)
    return symnet.compile(loaded, check=False, **spec_arguments(settings, libraries)).module


def _constant(name: str, text: str) -> Constant:
    inner = text.removeprefix("[").removesuffix("]")
    items = [item.strip() for item in inner.split(",")]
    wrong = [item for item in items if not NUMBER.fullmatch(item)]
    if wrong:
        raise UsageError(f"--set {name}={text}: {wrong[0]!r} is no number", hint="write depth=24 or widths=64,32")
    try:
        numbers = [Fraction(item) for item in items]
    except ZeroDivisionError as error:
        raise UsageError(f"--set {name}={text} divides by zero") from error
    return tuple(numbers) if len(items) > 1 or inner != text else numbers[0]


def _numeric(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_numeric, value))
    return isinstance(value, int | float) and not isinstance(value, bool)
