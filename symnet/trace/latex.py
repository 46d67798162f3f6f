"""Single operations and their local gradients in LaTeX, and the names of elements."""

from __future__ import annotations

import re
from collections.abc import Mapping

import sympy as sp

from symnet.ir.formula import ATOM, Text
from symnet.notation.latex import LatexPrinter
from symnet.notation.names import with_marks
from symnet.trace.operations import operation_body, partial, symbols

_INFIX = {
    "add": "{} + {}",
    "sub": "{} - {}",
    "mul": "{} {}",
    "div": "\\frac{{{}}}{{{}}}",
    "pow": "{}^{{{}}}",
    "neg": "-{}",
    "copy": "{}",
}


def element_latex(name: str) -> str:
    """`W[0, 1]` as W with its indices below, an operation without a name of its own, `v3`, likewise."""
    own = re.fullmatch(r"v(\d+)", name)
    if own:
        return f"v_{{{own[1]}}}"
    tensor, _, places = name.rstrip("]").partition("[")
    short = all(len(place) == 1 for place in places.split(", "))
    return with_marks(tensor, places.replace(", ", "") if short else places)


def number_latex(text: str) -> str:
    """A number as LaTeX has it: `1.5e-07` as 1.5 times a power of ten, `1/3` as a fraction."""
    inner = text.removeprefix("(").removesuffix(")")
    if "/" in inner:
        above, below = inner.split("/")
        sign = "-" if above.startswith("-") else ""
        inner = f"{sign}\\frac{{{above.removeprefix('-')}}}{{{below}}}"
    mantissa, e, exponent = inner.partition("e")
    inner = f"{mantissa} \\cdot 10^{{{int(exponent)}}}" if e else inner
    inner = inner.replace("inf", "\\infty").replace("nan", "\\mathrm{nan}")
    return f"\\left({inner}\\right)" if text.startswith("(-") else inner


def operation_latex(name: str, arguments: tuple[str, ...]) -> str:
    """An operation on arguments that are in LaTeX already."""
    if name == "mul" and arguments[1][:1].isdigit():
        return f"{arguments[0]} \\cdot {arguments[1]}"
    if name in _INFIX:
        return _INFIX[name].format(*arguments)
    return _printed(operation_body(name, len(arguments)), dict(zip(symbols(len(arguments)), arguments, strict=True)))


def partial_latex(name: str, arguments: tuple[str, ...], own: str, position: int) -> str:
    """The derivative of an operation by one argument."""
    names = dict(zip(symbols(len(arguments)), arguments, strict=True)) | {sp.Symbol("_own", real=True): own}
    return _printed(partial(name, len(arguments), position), names)


def _printed(e: sp.Expr, names: Mapping[sp.Symbol, str]) -> str:
    return _Named(names).text(e)[0]


class _Named(LatexPrinter):
    """The printer with names of its own for symbols, in the order in which they are read."""

    def __init__(self, names: Mapping[sp.Symbol, str]) -> None:
        super().__init__({}, "", [symbol.name for symbol in names])
        self.latex = names

    def symbol(self, node: sp.Symbol) -> Text:
        return (self.latex[node], ATOM) if node in self.latex else super().symbol(node)
