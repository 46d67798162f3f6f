"""The graph of single operations, and the chain rule on it, operation by operation."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from symnet.errors import UsageError
from symnet.language.network import Network
from symnet.passes.lower import lower
from symnet.trace.graph import Contribution, Edge, Node, Step, Trace, count_paths, number_text
from symnet.trace.latex import element_latex, number_latex, operation_latex, partial_latex
from symnet.trace.operations import local_gradient, local_text, operation_text
from symnet.trace.unroll import Scalar, Term, Unroller, value


def trace_scalars(network: Network, objective: str, values: Mapping[str, Any], sizes: Mapping[str, int]) -> Trace:
    """The trace with a node per operation. UsageError where there are too many of them."""
    scalars = unrolled(network, objective, values, sizes)
    with np.errstate(all="ignore"):
        return _Backward(network.name, scalars[-1], scalars).trace()


def unrolled(network: Network, objective: str, values: Mapping[str, Any], sizes: Mapping[str, int]) -> list[Scalar]:
    """The operations that the objective depends on, itself last: what is given first, each after its arguments."""
    order = [name for name in lower(network, (objective,)).writers if name in network.tensors]
    unroller = Unroller(network, values, sizes)
    with np.errstate(all="ignore"):
        root = unroller.run(order, objective)
    if not isinstance(root, Scalar):
        raise UsageError(f"{objective!r} is constant: there is nothing to differentiate")
    scalars = _needed(unroller, root)
    _name(scalars)
    return scalars


def _needed(unroller: Unroller, root: Scalar) -> list[Scalar]:
    """What the root depends on: the given ones first, as they are declared, then each operation after its arguments."""
    needed = {id(root)}
    for scalar in reversed(unroller.scalars):
        if id(scalar) in needed:
            needed.update(id(a) for a in scalar.args if isinstance(a, Scalar))
    declared = {name: number for number, name in enumerate(unroller.network.tensors)}
    places = {id(term): (declared[tensor], point) for (tensor, point), term in unroller.elements.items()}
    kept = [s for s in unroller.scalars if id(s) in needed]
    return sorted((s for s in kept if not s.op), key=lambda s: places[id(s)]) + [s for s in kept if s.op]


def _name(scalars: list[Scalar]) -> None:
    """Names v1, v2, ... for the operations that no tensor claims."""
    taken = {s.name for s in scalars}
    number = 0
    for scalar in scalars:
        while not scalar.name:
            number += 1
            scalar.name = f"v{number}" if f"v{number}" not in taken else ""


def _latex(term: Term) -> str:
    return element_latex(term.name) if isinstance(term, Scalar) else number_latex(_text(term))


def _text(term: Term) -> str:
    if isinstance(term, Scalar):
        return term.name
    if isinstance(term, Fraction) and term.denominator not in (1, 2, 4, 5, 10, 100):
        return f"({term})"
    return number_text(float(term))


class _Backward:
    def __init__(self, network: str, root: Scalar, scalars: list[Scalar]) -> None:
        self.network = network
        self.root = root
        self.scalars = scalars
        tensors = {s.name.partition("[")[0] for s in scalars}
        self.objective = "L" if len(root.name) > 1 and "L" not in tensors else element_latex(root.name)
        self.adjoints: dict[int, float] = {id(root): 1.0}
        self.coming: dict[int, list[Contribution]] = {}

    def trace(self) -> Trace:
        edges = [edge for s in self.scalars for edge in self.edges(s)]
        steps = [self.step(s) for s in reversed(self.scalars)]
        nodes = tuple(Node(s.name, s.name, self.formula(s), s.value, self.latex(s)) for s in self.scalars)
        given = tuple(s for s in self.scalars if not s.op)
        gradients = {s.name: self.adjoints[id(s)] for s in given}
        paths = count_paths(tuple(edges), self.root.name, tuple(s.name for s in given))
        return Trace(self.network, self.root.name, True, nodes, tuple(edges), tuple(steps), gradients, paths)

    def formula(self, s: Scalar) -> str:
        return operation_text(s.op, tuple(map(_text, s.args))) if s.op else ""

    def latex(self, s: Scalar) -> str:
        left = element_latex(s.name)
        return f"{left} = {operation_latex(s.op, tuple(map(_latex, s.args)))}" if s.op else left

    def adjoint(self, s: Scalar) -> str:
        return f"\\frac{{\\partial {self.objective}}}{{\\partial {element_latex(s.name)}}}"

    def edges(self, s: Scalar) -> list[Edge]:
        """An edge for each argument; one that occurs twice has two."""
        names = tuple(map(_text, s.args))
        numbers = tuple(map(value, s.args))
        written, own = tuple(map(_latex, s.args)), element_latex(s.name)
        return [
            Edge(
                parent.name,
                s.name,
                f"∂{s.name}/∂{parent.name}",
                local_text(s.op, names, s.name, k),
                local_gradient(s.op, numbers, s.value, k),
                f"\\frac{{\\partial {own}}}{{\\partial {_latex(parent)}}} = {partial_latex(s.op, written, own, k)}",
            )
            for k, parent in enumerate(s.args)
            if isinstance(parent, Scalar)
        ]

    def step(self, s: Scalar) -> Step:
        """The adjoint of a scalar, all of whose children have theirs; it is passed on to its arguments."""
        coming = tuple(self.coming.get(id(s), ()))
        adjoint = self.adjoints.setdefault(id(s), 0.0)
        parents = [a for a in s.args if isinstance(a, Scalar)]
        for parent, edge in zip(parents, self.edges(s), strict=True):
            product = edge.value * adjoint
            numbers = f"{number_text(edge.value)}·{number_text(adjoint)}"
            latex = f"{edge.latex.partition(' = ')[0]} {self.adjoint(s)}"
            found = Contribution(s.name, f"{edge.symbol}·d{s.name}", numbers, product, latex)
            self.coming.setdefault(id(parent), []).append(found)
            self.adjoints[id(parent)] = self.adjoints.get(id(parent), 0.0) + product
        return Step(s.name, f"d{s.name}", coming, adjoint, self.adjoint(s))
