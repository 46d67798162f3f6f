"""The graph that is drawn: a network's tensors, or its single operations, with the layers that they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from symnet.ir.program import Program
from symnet.language.network import Network
from symnet.passes.lower import lower
from symnet.passes.pipeline import results_of
from symnet.trace.unroll import Scalar

Path = tuple[str, ...]


@dataclass(frozen=True)
class Node:
    """A box.

    shape  the extents as text, empty for a number
    role   input | param | state | random | value
    path   the groups that it is in, from the outermost
    """

    name: str
    role: str
    shape: str = ""
    path: Path = ()

    @property
    def label(self) -> str:
        """The name within its group: `W` for `h.W` in `h`, and for a group's own result the name of the group."""
        outer = self.path[:-1] if self.path and self.path[-1] == self.name else self.path
        return self.name.removeprefix(f"{outer[-1]}.") if outer else self.name


@dataclass(frozen=True)
class Graph:
    """Nodes, edges between their numbers, and groups with what they are (`dense`)."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int], ...]
    groups: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def tree(self) -> Mapping[Path, Sequence[int | Path]]:
        """A scope, () being the whole, to what is in it: numbers of nodes and scopes further in, as first met."""
        found: dict[Path, dict[int | Path, None]] = {(): {}}
        for number, node in enumerate(self.nodes):
            for depth in range(len(node.path)):
                scope = node.path[: depth + 1]
                found[scope[:-1]][scope] = None
                found.setdefault(scope, {})
            found[node.path][number] = None
        return {scope: tuple(inside) for scope, inside in found.items()}


def tensor_graph(network: Network) -> Graph:
    """A node per tensor that the objective, or without one the outputs, depend on."""
    results = (network.objective,) if network.objective else results_of(network)
    program = lower(network, results)
    given = [name for name, t in program.tensors.items() if t.given and name in program.readers]
    return program_graph(network, program, (*given, *program.writers))


def program_graph(network: Network, program: Program, order: Sequence[str]) -> Graph:
    """A node per tensor of a network's program that is in `order`."""
    paths = _paths(network, program, order)
    number = {name: k for k, name in enumerate(order)}
    nodes = tuple(
        Node(name, t.role, "×".join(map(str, t.extents)), paths[name])
        for name in order
        for t in [program.tensors[name]]
    )
    edges = dict.fromkeys(
        (number[read], number[s.target.tensor])
        for s in program.statements
        for read in s.reads
        if read in number and s.target.tensor in number
    )
    return Graph(nodes, tuple(edges), network.groups)


def scalar_graph(scalars: Sequence[Scalar], network: Network) -> Graph:
    """A node per operation; the given numbers know what they are."""
    number = {id(s): k for k, s in enumerate(scalars)}
    roles = {s.name: network.tensors[s.name.partition("[")[0]].role for s in scalars if not s.op}
    nodes = tuple(Node(s.name, roles.get(s.name, "value")) for s in scalars)
    edges = tuple((number[id(a)], k) for k, s in enumerate(scalars) for a in s.args if isinstance(a, Scalar))
    return Graph(nodes, edges)


def _paths(network: Network, program: Program, order: Sequence[str]) -> dict[str, Path]:
    """The groups of each tensor; a group of one tensor is none."""
    paths: dict[str, Path] = {}
    for name in order:
        parts = name.split(".")
        prefixes = (".".join(parts[: k + 1]) for k in range(len(parts)))
        paths[name] = tuple(prefix for prefix in prefixes if prefix in network.groups)
    for s in reversed(program.statements):  # the compiler's own tensors belong where they are read
        for name in s.reads:
            if name in paths and s.target.tensor in paths and name not in network.tensors:
                paths[name] = paths[s.target.tensor]
    members: dict[str, int] = {}
    for path in paths.values():
        for group in path:
            members[group] = members.get(group, 0) + 1
    return {name: tuple(group for group in path if members[group] > 1) for name, path in paths.items()}
