"""The graph of a network's tensors, with numbers.

The program is lowered and differentiated, and nothing else: its formulas are those of the spec. Each statement of the
adjoint is an edge, `dA[h] += dT[g] * f'`; f' is its local gradient.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from typing import Any

import numpy as np
import sympy as sp

from symnet.errors import UsageError
from symnet.ir.affine import Affine
from symnet.ir.program import (
    Access,
    Indirect,
    Program,
    Statement,
    Tensor,
    index_expression,
    index_symbol,
    leaf,
    statement,
)
from symnet.ir.show import show_access
from symnet.language.network import Network
from symnet.notation.expression import tensor_expression, tensor_symbol
from symnet.notation.formula import Formulas
from symnet.notation.latex import LatexPrinter, objective_name
from symnet.notation.recognise import recognised
from symnet.notation.text import expression_text, with_decimals
from symnet.passes.differentiate import differentiate
from symnet.passes.lower import lower
from symnet.passes.order import ordered
from symnet.trace.evaluate import evaluate
from symnet.trace.graph import Contribution, Edge, Node, Step, Trace, count_paths, number_text

MOST_POINTS = 200_000_000  # how many points all statements may have together
LARGEST = 16_000_000  # how many points one statement may have: arrays of this size are made
MOST_LOCAL = 20_000  # how many points an edge may have for its numbers to be kept


def trace_tensors(network: Network, objective: str, values: Mapping[str, Any], sizes: Mapping[str, int]) -> Trace:
    """The trace with a node per tensor. UsageError where the network is too large."""
    return _Tracer(network, objective, values, sizes).run()


def differentiated(network: Network, objective: str) -> tuple[Program, tuple[str, ...]]:
    """The program as it is written, its adjoint behind it by the rule alone, and the real tensors that are given."""
    forward = lower(network, (objective,))
    given = tuple(n for n, t in forward.tensors.items() if t.given and not t.integer and n in forward.readers)
    return ordered(differentiate(forward, {objective: None}, given).program), given


class _Tracer:
    def __init__(self, network: Network, objective: str, values: Mapping[str, Any], sizes: Mapping[str, int]) -> None:
        self.network = network
        self.objective = objective
        self.sizes = sizes
        self.program, self.given = differentiated(network, objective)
        self.tensors: dict[str, Tensor] = dict(self.program.tensors)
        self.values = {
            name: values[name] for name in self.program.tensors if name in values and name in self.program.readers
        }
        self.adjoints = {t.of: t.name for t in self.program.tensors.values() if t.role == "adjoint"}
        self.formulas = Formulas(self.program, objective)

    def run(self) -> Trace:
        adjoints = [s for s in self.program.statements if self.child_of(s)]
        locals_ = [self.local_gradient(s) for s in adjoints]
        returned = [self.contribution(s) for s in adjoints]
        everything = (*self.program.statements, *(s for s in locals_ if self.points(s) <= MOST_LOCAL), *returned)
        points = [self.points(s) for s in everything]
        if sum(points) > MOST_POINTS or max(points) > LARGEST:
            raise UsageError("the network is too large to be traced", hint="give it smaller sizes, e.g. with --set")
        self.extended = Program(self.tensors, everything, tuple(self.tensors), self.program.sizes)
        self.numbers = evaluate(self.extended, self.values, self.sizes)
        self.edges = [self.edge(s, local) for s, local in zip(adjoints, locals_, strict=True)]
        steps = self.steps(adjoints, returned)
        nodes = [self.node(name) for name in (*self.values, *self.calculated())]
        ordered = tuple(sorted(self.edges, key=self.place_of_child()))
        gradients = {name: self.numbers[self.adjoint_of(name)] for name in self.given if self.adjoint_of(name)}
        paths = count_paths(ordered, self.objective, self.given)
        names = {name: _plain(value) for name, value in gradients.items()}
        return Trace(self.network.name, self.objective, False, tuple(nodes), ordered, steps, names, paths)

    # --- the statements of an edge ---

    def child_of(self, s: Statement) -> str:
        """The tensor whose adjoint a statement passes on; empty for any other statement."""
        if self.tensors[s.target.tensor].role != "adjoint":
            return ""
        return next((self.tensors[a.tensor].of for a in s.leaves if self.tensors[a.tensor].role == "adjoint"), "")

    def local_gradient(self, s: Statement) -> Statement:
        """The statement for f', over the points of the edge."""
        incoming = next(k for k, a in enumerate(s.leaves) if self.tensors[a.tensor].role == "adjoint")
        name = self.new("local", tuple(extent for _, extent in s.domain))
        target = Access(name, tuple(Affine.index(n) for n, _ in s.domain))
        return statement(target, "+", s.domain, s.body.diff(leaf(incoming)), s.leaves, s.guards)

    def contribution(self, s: Statement) -> Statement:
        """What comes back along the edge, by itself."""
        name = self.new("back", self.tensors[s.target.tensor].extents)
        return replace(s, target=replace(s.target, tensor=name))

    def new(self, stem: str, extents: tuple[Any, ...]) -> str:
        name = f"{stem} {len(self.tensors)}"  # no name of a spec has a blank in it
        self.tensors[name] = Tensor(name, extents, "value")
        return name

    def points(self, s: Statement) -> int:
        return prod(extent.value(self.sizes) for _, extent in s.domain)

    # --- nodes, edges, steps ---

    def calculated(self) -> list[str]:
        return [name for name in self.program.writers if self.tensors[name].role != "adjoint"]

    def node(self, name: str) -> Node:
        value = _plain(self.numbers[name])
        if name in self.values:
            indices = self.formulas.names.get(name, ())
            places = tuple(map(index_symbol, indices)) if len(indices) == len(self.tensors[name].extents) else ()
            latex = self.latex(tensor_symbol(self.tensors[name], places))
            return Node(name, f"{name}[{', '.join(indices)}]" if indices else name, "", value, latex)
        symbol, _, formula = self.formulas[name].formula.partition(" = ")
        return Node(name, symbol, formula, value, self.formulas[name].latex())

    def edge(self, s: Statement, local: Statement) -> Edge:
        child, parent = self.child_of(s), self.tensors[s.target.tensor].of
        incoming = next(a for a in s.leaves if self.tensors[a.tensor].role == "adjoint")
        above = show_access(replace(incoming, tensor=child))
        below = show_access(replace(s.target, tensor=parent))
        names = tuple(name for name, _ in s.domain)
        own = Program(self.tensors, (local,), (local.target.tensor,))
        through_child = recognised(tensor_expression(own, local.target.tensor, names), [self.formulas[child]])
        text = expression_text(through_child, names)
        value = _plain(self.numbers[local.target.tensor]) if self.points(local) <= MOST_LOCAL else None
        printer = self.printer(names)
        marks = [
            printer.tensor(t, printer.below(self.places(a)))[0] for t, a in ((child, incoming), (parent, s.target))
        ]
        latex = f"\\frac{{\\partial {marks[0]}}}{{\\partial {marks[1]}}} = {self.latex(through_child, names)}"
        return Edge(parent, child, f"∂{above}/∂{below}", text, value, latex)

    def places(self, access: Access) -> tuple[sp.Expr, ...]:
        """The places of an access as expressions."""
        return tuple(
            tensor_symbol(self.tensors[place.tensor], tuple(map(index_expression, place.indices)))
            if isinstance(place, Indirect)
            else index_expression(place)
            for place in access.places
        )

    def printer(self, names: tuple[str, ...] = ()) -> LatexPrinter:
        return LatexPrinter(self.tensors, objective_name(self.tensors, self.objective), names)

    def latex(self, e: sp.Expr, names: tuple[str, ...] = ()) -> str:
        return self.printer(names).text(with_decimals(e))[0]

    def place_of_child(self) -> Any:
        order = {name: k for k, name in enumerate((*self.given, *self.calculated()))}
        return lambda edge: (order[edge.child], order[edge.parent])

    def adjoint_of(self, name: str) -> str:
        return self.adjoints.get(name, "")

    def steps(self, adjoints: list[Statement], returned: list[Statement]) -> tuple[Step, ...]:
        """The adjoints in the order of the backward pass."""
        coming: dict[str, list[Contribution]] = {}
        for s, back, edge in zip(adjoints, returned, self.edges, strict=True):
            coming.setdefault(s.target.tensor, []).append(self.coming_back(s, back, edge))
        steps = []
        for node in reversed((*self.given, *self.calculated())):
            name = self.adjoint_of(node)
            if name:
                symbol = self.formulas[name].formula.partition(" = ")[0]
                parts = tuple(coming.get(name, ()))
                latex = self.latex(self.formulas[name].left)
                steps.append(Step(node, symbol, parts, _plain(self.numbers[name]), latex))
        return tuple(steps)

    def coming_back(self, s: Statement, back: Statement, edge: Edge) -> Contribution:
        name = back.target.tensor
        value = _plain(self.numbers[name])
        if not s.domain:
            incoming = self.adjoint_of(edge.child)
            numbers = f"{number_text(edge.value)}·{number_text(self.numbers[incoming].item())}"
            latex = f"{edge.latex.partition(' = ')[0]} {self.latex(self.formulas[incoming].left)}"
            return Contribution(edge.child, f"{edge.symbol}·{incoming}", numbers, value, latex)
        indices = self.formulas[s.target.tensor].indices
        own = Program(self.tensors, (back,), (name,))
        product = recognised(tensor_expression(own, name, indices), [self.formulas[edge.child]])
        return Contribution(edge.child, expression_text(product, indices), "", value, self.latex(product, indices))


def _plain(value: Any) -> Any:
    """A number as a float, an array as it is."""
    array = np.asarray(value)
    return array if array.ndim else array.item()
