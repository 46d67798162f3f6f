"""The gradients in three forms: by the chain rule alone, simplified, and as they are emitted, shared parts named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from symnet.gradients import Gradients
from symnet.language.network import Network
from symnet.notation.formula import Formula
from symnet.notation.mathml import mathml
from symnet.passes.pipeline import parameters
from symnet.trace import Trace

MOST_EXPANDED = 48  # parameters up to which adjoints are put into the gradients


def formulas(network: Network, trace: Trace, found: Gradients) -> dict[str, Any]:
    """For each form its lines, in the order in which they are calculated.

    `expanded` says whether the simplified ones have adjoints put into them. A line has a name (of the tensor in the
    module), the tensor that it is the adjoint of where it is a parameter's, the formula as a tree and as LaTeX, the
    same in matrix notation where there is one, and the names that it uses.
    """
    wanted = parameters(network)
    tensors = {gradient.name: name for name, gradient in found.items()}
    short: list[Formula] = [found[name].expanded if len(wanted) <= MOST_EXPANDED else found[name] for name in wanted]
    return {
        "expanded": len(wanted) <= MOST_EXPANDED,
        "definitions": [_definition(node.name, node.latex) for node in trace.nodes if node.formula],
        "rule": _by_rule(trace, wanted),
        "simplified": [_line(f, tensors) for f in short],
        "emitted": [_line(f, tensors) for f in found.lines],
    }


def _definition(name: str, latex: str) -> dict[str, Any]:
    return {"name": name, "of": "", "tree": mathml(latex), "latex": latex, "uses": []}


def _line(formula: Formula, tensors: Mapping[str, str]) -> dict[str, Any]:
    latex, matrix = formula.latex(), formula.matrix_form()
    line = {
        "name": formula.name,
        "of": tensors.get(formula.name, ""),
        "tree": mathml(latex),
        "latex": latex,
        "uses": list(formula.reads),
    }
    if matrix is not None:
        line |= {"matrix": mathml(matrix.latex), "matrixLatex": matrix.latex}
    return line


def _by_rule(trace: Trace, wanted: Iterable[str]) -> list[dict[str, Any]]:
    """The adjoints as sums of what comes back, those that lead to the wanted gradients."""
    wanted = set(wanted)
    names = {step.node: step.symbol.partition("[")[0] for step in trace.steps}
    needed = set(wanted)
    for step in reversed(trace.steps):
        if step.node in needed:
            needed.update(part.child for part in step.contributions)
    lines = []
    for step in trace.steps:
        if step.node not in needed:
            continue
        latex = f"{step.latex} = {_sum([part.latex for part in step.contributions]) or '1'}"
        uses = [names[part.child] for part in step.contributions]
        of = step.node if step.node in wanted else ""
        lines.append({"name": names[step.node], "of": of, "tree": mathml(latex), "latex": latex, "uses": uses})
    return lines


def _sum(parts: Iterable[str]) -> str:
    text = ""
    for part in parts:
        text += part if not text else f" - {part[1:]}" if part.startswith("-") else f" + {part}"
    return text
