"""A computational graph with its numbers: nodes going forward, an edge per local gradient, and the way back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Value = Any  # a float, or an array of floats or ints


@dataclass(frozen=True)
class Node:
    """A value. `formula` is empty for one that is given; `symbol` is the name with its indices.

    `latex` is the whole equation, or the symbol of one that is given.
    """

    name: str
    symbol: str
    formula: str
    value: Value
    latex: str = ""


@dataclass(frozen=True)
class Edge:
    """From a node to one that is calculated from it.

    symbol  the local gradient's name: `∂c/∂a`
    local   its formula, in terms of the nodes' values
    value   its number, None where it has too many to be kept
    latex   symbol and formula as an equation
    """

    parent: str
    child: str
    symbol: str
    local: str
    value: Value
    latex: str = ""


@dataclass(frozen=True)
class Contribution:
    """What comes back to a node along an edge: the local gradient times the child's adjoint.

    formula is in symbols, numbers the same in numbers (empty for tensors), value the product, latex the formula.
    """

    child: str
    formula: str
    numbers: str
    value: Value
    latex: str = ""


@dataclass(frozen=True)
class Step:
    """The adjoint of a node: the sum of what comes back to it. The objective's is 1 and has no contributions."""

    node: str
    symbol: str
    contributions: tuple[Contribution, ...]
    value: Value
    latex: str = ""


@dataclass(frozen=True)
class Trace:
    """A forward and a backward pass, node by node; `str` gives both as tables.

    nodes      in the order in which they are calculated, the given ones first
    edges      in the order of the nodes they lead to
    steps      the adjoints, from the objective back to what is given
    gradients  the derivatives of the objective by what is given
    paths      how many paths lead from a node to the objective, for what is given
    """

    network: str
    objective: str
    scalars: bool
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    steps: tuple[Step, ...]
    gradients: Mapping[str, Value]
    paths: Mapping[str, int]

    def __str__(self) -> str:
        from symnet.trace.text import trace_text

        return trace_text(self)

    def _repr_html_(self) -> str:
        from symnet.trace.cell import trace_html

        return trace_html(self)

    def to_json(self) -> str:
        """Everything as JSON: arrays as nested lists, numbers that are not finite as null."""
        return json.dumps(_plain(self), ensure_ascii=False)


def count_paths(edges: tuple[Edge, ...], objective: str, given: tuple[str, ...]) -> dict[str, int]:
    """How many paths lead from each given node to the objective. Edges come in the order of the nodes they lead to."""
    paths: dict[str, int] = {objective: 1}
    for edge in reversed(edges):
        paths[edge.parent] = paths.get(edge.parent, 0) + paths.get(edge.child, 0)
    return {name: paths[name] for name in given if name in paths}


def plain_text(value: float, digits: int = 6) -> str:
    """A number without parentheses; no minus before a zero."""
    text = f"{value:.{digits}g}"
    return "0" if text == "-0" else text


def number_text(value: float, digits: int = 6) -> str:
    """A number as people write it, in parentheses where it is negative."""
    text = plain_text(value, digits)
    return f"({text})" if text.startswith("-") else text


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, float):
        return value if np.isfinite(value) else None
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, Mapping):
        return {name: _plain(v) for name, v in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
