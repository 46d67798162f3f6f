"""The table of the library: for every scalar function, layer and loss the largest error at hostile points.

A scalar function is tested by itself, at numbers from 0 to ±1000; a layer or a loss in the network of its example, at
the points of `points.py`. Errors are rounded up to 1, 2 or 5 times a power of ten: their last digit depends on the
processor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from symnet.language import tree
from symnet.language.library import Definition, examples_of
from symnet.language.network import Network
from symnet.language.symbols import UNARY
from symnet.stability.hostile import PRECISIONS, Test, Trial, tests
from symnet.stability.points import Point, single
from symnet.stability.programs import prepared

KNOWN = tuple(name for name in UNARY.split() if name != "stop")
NUMBERS = (0.0, *(sign * x for x in (1e-30, 1e-8, 1e-3, 0.5, 1.0, 5.0, 20.0, 40.0, 100.0, 1000.0) for sign in (1, -1)))
FUNCTION = "param x[i: 1] ~ zeros\ny[i] = {name}(x[i])\noutput y\nminimize sum(i: y[i])\n"

NetworkOf = Callable[[str], Network]
ModuleOf = Callable[[Network], Any]


@dataclass(frozen=True)
class Figure:
    """The largest error of what keeps its digits, and of what is right absolutely only; None where there is none."""

    ulps: float | None
    absolute: float | None

    def __str__(self) -> str:
        texts = [] if self.ulps is None else [f"{rounded_up(self.ulps):g}"]
        texts += [] if self.absolute is None else [f"abs {rounded_up(self.absolute):g}"]
        return ", ".join(texts) or "-"


@dataclass(frozen=True)
class Row:
    """One entry: values and gradients, in double and in single precision, and what a user has to know of."""

    name: str
    figures: tuple[Figure, ...]
    findings: tuple[Test, ...]

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as it is printed."""
        return self.name, *map(str, self.figures), str(len(self.findings) or "none")


HEAD = ("", "float64 value", "float64 gradient", "float32 value", "float32 gradient", "findings")


def rows(definitions: Iterable[Definition], network_of: NetworkOf, module_of: ModuleOf) -> Iterator[Row]:
    """A row for every function that the compiler knows, and for each definition that calculates values."""
    for name in KNOWN:
        yield function_row(name, network_of, module_of)
    for entry in definitions:
        row = definition_row(entry, network_of, module_of)
        if row is not None:
            yield row


def definition_row(entry: Definition, network_of: NetworkOf, module_of: ModuleOf) -> Row | None:
    """The row of a library entry; None for an optimizer, which changes parameters and has no gradient."""
    if isinstance(entry, tree.Optimizer):
        return None
    if isinstance(entry, tree.Function):
        return function_row(entry.name, network_of, module_of)
    net = network_of(examples_of(entry))
    return _row(entry.name, tuple(tests(net, prepared(net), module_of(net))), alone=False)


def function_row(name: str, network_of: NetworkOf, module_of: ModuleOf) -> Row:
    """The row of a scalar function, whose errors are those of every value by itself."""
    net = network_of(FUNCTION.format(name=name))
    found, module = prepared(net), module_of(net)
    values = single(np.array(NUMBERS))
    trials = [Trial(net, found, module, _point(x), {"x": np.zeros(1)}, {}) for x in values]
    return _row(name, tuple(t for trial in trials for p in PRECISIONS for t in trial.tests(p)), alone=True)


def _point(x: float) -> Point:
    return Point(f"{x:g}", lambda drawn: drawn, lambda drawn: np.full(drawn.shape, x), None)


def _row(name: str, found: Sequence[Test], alone: bool) -> Row:
    gradients = [test.result.startswith("d") and test.result != "d" for test in found]
    figures = []
    for precision in PRECISIONS:
        for gradient in (False, True):
            chosen = [
                test
                for test, is_gradient in zip(found, gradients, strict=True)
                if is_gradient is gradient and test.precision == np.dtype(precision).name
            ]
            figures.append(_figure(chosen, alone))
    return Row(name, tuple(figures), tuple(test for test in found if test.finding))


def _figure(found: Sequence[Test], alone: bool) -> Figure:
    kept = [test for test in found if test.word in ("ok", "delicate", "lost")]
    errors = [(test.own if alone else test.ulps) or 0.0 for test in kept]
    absolute = [test.ulps or 0.0 for test in found if test.word == "absolute"]
    return Figure(max(errors, default=None), max(absolute, default=None))


def rounded_up(value: float) -> float:
    """The next of 0.5, 1, 2, 5, 10, 20, 50, ..."""
    step = 0.5
    factors = (2.0, 2.0, 2.5)
    for count in range(3000):
        if value <= step:
            return step
        step *= factors[count % 3]
    return float("inf")


def printed(found: Iterable[Row]) -> str:
    """The table as text."""
    cells = [HEAD, *(row.cells for row in found)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )
