"""A trace as data: nodes with their values and adjoints, edges with their local gradients, and the way back."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from symnet.notation.mathml import Tree, mathml
from symnet.report.graph import Graph
from symnet.trace import Trace
from symnet.trace.graph import Value
from symnet.trace.latex import element_latex, number_latex, operation_latex, partial_latex
from symnet.trace.unroll import Scalar

MOST_SHOWN = 64  # numbers of an array that are given one by one
DIGITS = 7  # of a number among many


def walk(trace: Trace, graph: Graph) -> dict[str, Any]:
    """The data of a trace over the nodes of a graph. Formulas are trees of MathML."""
    number = {node.name: k for k, node in enumerate(trace.nodes)}
    steps = {step.node: step for step in trace.steps}
    between: dict[tuple[str, str], list[int]] = {}
    for k, edge in enumerate(trace.edges):
        between.setdefault((edge.parent, edge.child), []).append(k)
    nodes = []
    for node, drawn in zip(trace.nodes, graph.nodes, strict=True):
        symbol, _, formula = node.latex.partition(" = ")
        step = steps.get(node.name)
        nodes.append(
            {
                "name": node.name,
                "label": drawn.label,
                "role": drawn.role,
                "path": list(drawn.path),
                "symbol": mathml(symbol),
                "formula": mathml(formula) if formula else None,
                "value": shown(node.value),
                "dsymbol": mathml(step.latex) if step else None,
                "adjoint": shown(step.value) if step else None,
            }
        )
    edges = [
        {
            "from": number[e.parent],
            "to": number[e.child],
            "symbol": mathml(e.latex.partition(" = ")[0]),
            "local": mathml(e.latex.partition(" = ")[2]),
            "text": f"{e.symbol} = {e.local}",
            "value": shown(e.value),
        }
        for e in trace.edges
    ]
    back = []
    for step in trace.steps:
        used: dict[tuple[str, str], int] = {}
        parts = []
        for c in step.contributions:
            ends = step.node, c.child
            parts.append(
                {"edge": between[ends][used.get(ends, 0)], "formula": mathml(c.latex), "value": shown(c.value)}
            )
            used[ends] = used.get(ends, 0) + 1
        back.append({"node": number[step.node], "parts": parts})
    return {
        "scalars": trace.scalars,
        "nodes": nodes,
        "edges": edges,
        "back": back,
        "links": list(map(list, graph.edges)),
    }


def with_references(data: dict[str, Any], scalars: Sequence[Scalar]) -> None:
    """Put references to nodes in the place of their names in the formulas of a scalar walk.

    The page then shows a formula in symbols, or with the numbers of the moment.
    """
    number = {id(s): k for k, s in enumerate(scalars)}

    def argument(a: Any) -> str:
        return f"\\mathrm{{@{number[id(a)]}}}" if isinstance(a, Scalar) else number_latex(f"{float(a):.6g}")

    edges = iter(data["edges"])
    for k, s in enumerate(scalars):
        arguments = tuple(map(argument, s.args))
        if s.op:
            data["nodes"][k]["formula"] = _referred(mathml(operation_latex(s.op, arguments)))
        for position, a in enumerate(s.args):
            if isinstance(a, Scalar):
                local = partial_latex(s.op, arguments, f"\\mathrm{{@{k}}}", position)
                next(edges)["local"] = _referred(mathml(local))
        data["nodes"][k]["symbol"] = mathml(element_latex(s.name))


def _referred(tree: Tree | str) -> Any:
    if isinstance(tree, str | dict):
        return tree
    if tree[0] == "mi" and isinstance(tree[-1], str) and (match := re.fullmatch(r"@(\d+)", tree[-1])):
        return ["ref", int(match[1])]
    return [_referred(part) for part in tree]


def shown(value: Value) -> Any:
    """A number; of an array its shape, range and mean, and its elements where they are few; null for what is not kept.

    What is not finite is a text.
    """
    if value is None:
        return None
    if not isinstance(value, np.ndarray):
        return plain(value)
    found: dict[str, Any] = {"shape": list(value.shape)}
    if value.size:
        low, high, mean = (rounded(float(f(value))) for f in _MEASURES)
        found |= {"min": low, "max": high, "mean": mean}
    if value.size <= MOST_SHOWN:
        found["data"] = [rounded(v) for v in value.ravel().tolist()]
    return found


_MEASURES: tuple[Callable[[Any], Any], ...] = (np.min, np.max, np.mean)


def rounded(value: float) -> Any:
    """A number of an array, to a few digits."""
    return plain(value) if isinstance(value, int) or not math.isfinite(value) else float(f"{value:.{DIGITS}g}")


def plain(value: float) -> Any:
    """A number as JSON has it."""
    if isinstance(value, int) or math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
