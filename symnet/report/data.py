"""All data of a report, put together from what the other files make."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Mapping
from math import prod
from typing import Any

import numpy as np
import sympy as sp

from symnet.contract import Contract
from symnet.errors import UsageError
from symnet.gradients import gradients
from symnet.ir.show import show_statement
from symnet.language.network import Network
from symnet.passes.pipeline import gradient_program
from symnet.planning.costs import flops
from symnet.report.code import code
from symnet.report.cost import cost
from symnet.report.formulas import formulas
from symnet.report.graph import program_graph, scalar_graph
from symnet.report.pictures import pictures
from symnet.report.program import program
from symnet.report.proof import STEPS, proof, step_plots
from symnet.report.walk import plain, shown, walk, with_references
from symnet.summary import Summary, summary
from symnet.trace import Trace, trace
from symnet.trace.evaluate import evaluate
from symnet.trace.scalars import unrolled
from symnet.trace.tensors import differentiated
from symnet.trace.values import Array, starting_values
from symnet.version import __version__

MOST_OPERATIONS = 150  # of a network whose single operations are drawn


def drawn_data(network: Network, emit: Callable[[], Any], values: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The data of a report with a graph, formulas, code and check."""
    starting, sizes = starting_values(network, values, seed)
    tensors = trace(network, starting)
    walks = _walks(network, tensors, starting, sizes)
    costs = summary(network, plan=False)
    emitted = emit()
    contract = Contract.of(emitted.module)
    return {
        **_head(network, costs, sizes),
        "words": _words(walks),
        "groups": dict(network.groups),
        "walks": walks,
        "formulas": formulas(network, tensors, gradients(network)),
        "code": code(emitted.source),
        "check": proof(emitted.report),
        "unchecked": "The gradients were not checked. Leave --no-check out, or run `symnet check`.",
        "plots": step_plots(contract, starting, seed),
        "paths": _paths(tensors),
    }


def listed_data(network: Network, values: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The data of a report on a network that is too large to be drawn: its statements with their values."""
    starting, sizes = starting_values(network, values, seed)
    derived = gradient_program(network)
    made = derived.program
    used = {name: value for name, value in starting.items() if name in made.tensors}
    numbers = evaluate(made, used, sizes)
    rows = [
        {
            "part": "forward" if k < derived.forward else "backward",
            "text": show_statement(s, made.tensors, adds=len(made.writers[s.target.tensor]) > 1),
            "value": shown(_plain(numbers[s.target.tensor])),
            "flops": flops(s).value(sizes),
        }
        for k, s in enumerate(made.statements)
    ]
    words = (
        f"With {len(network.tensors):,} tensors the network is too large to be drawn. These are its {len(rows):,} "
        "statements as they are emitted, forward and backward, with their values."
    )
    return {
        **_head(network, summary(network, derived, plan=False), sizes),
        "walks": [],
        "table": {"words": words, "rows": rows},
        "formulas": None,
        "code": None,
        "check": None,
        "unchecked": "A network of this size is not compiled for its report. Run `symnet check` for the check.",
        "plots": [],
        "paths": None,
    }


def _head(network: Network, costs: Summary, sizes: dict[str, int]) -> dict[str, Any]:
    count = costs.parameters.value(sizes)
    at = ", ".join(f"{name} = {size}" for name, size in sizes.items())
    return {
        "network": network.name,
        "objective": network.objective,
        "subtitle": f"Minimises {network.objective} over {count:,} {'parameter' if count == 1 else 'parameters'}"
        + (f", shown at {at}." if at else "."),
        "spec": network.source.text,
        "digest": hashlib.sha256(network.source.text.encode()).hexdigest(),
        "versions": {
            "symnet": __version__,
            "Python": platform.python_version(),
            "NumPy": np.__version__,
            "SymPy": sp.__version__,
        },
        "stepCount": len(STEPS),
        "evaluations": 2 * count,
        "cost": cost(costs, sizes),
    }


# --- walks -----------------------------------------------------------------------------------------


def _walks(
    network: Network, tensors: Trace, starting: Mapping[str, Array], sizes: Mapping[str, int]
) -> list[dict[str, Any]]:
    """The walk over the tensors, and the one over the operations where there are few of them.

    Where the two have the same nodes there is one.
    """
    written, _ = differentiated(network, tensors.objective)
    graph = program_graph(network, written, [node.name for node in tensors.nodes])
    data = walk(tensors, graph)
    for node, drawn in zip(data["nodes"], graph.nodes, strict=True):
        node["shape"] = drawn.shape
    whole = {**data, "name": "tensors", "pictures": pictures(graph), "program": None}
    operations = _operations(network, starting, sizes)
    if operations is None:
        return [whole]
    same = [node["name"] for node in operations["nodes"]] == [node["name"] for node in data["nodes"]]
    return [operations] if same else [whole, operations]


def _operations(network: Network, starting: Mapping[str, Array], sizes: Mapping[str, int]) -> dict[str, Any] | None:
    elements = sum(prod(extent.value(sizes) for extent in d.extents) for d in network.tensors.values())
    if elements > MOST_OPERATIONS:
        return None
    try:
        scalars = unrolled(network, str(network.objective), starting, sizes)
    except UsageError:  # too many after all
        return None
    if len(scalars) > MOST_OPERATIONS:
        return None
    graph = scalar_graph(scalars, network)
    data = walk(trace(network, starting, scalars=True), graph)
    with_references(data, scalars)
    for node in data["nodes"]:
        node["shape"] = ""
    drawn = pictures(graph, labelled=True)
    return {**data, "name": "operations", "pictures": drawn, "program": program(network, scalars)}


def _words(walks: list[dict[str, Any]]) -> str:
    return (
        "Values go forward along the edges, in blue. Adjoints, the derivatives of the objective, come back, in orange. "
        + ("The number on an edge is its local gradient." if walks[-1]["name"] == "operations" else "")
    ).strip()


def _paths(found: Trace) -> dict[str, Any]:
    total = sum(found.paths.values())
    return {"total": f"{total:,}", "edges": len(found.edges), "objective": found.objective}


def _plain(value: Array) -> Any:
    return value if value.ndim else plain(value.item())
