"""Cycles: tensors that are defined by each other must be recurrences.

A recurrence has in each of its tensors one dimension, its time, such that every read inside of the cycle lies at a
constant distance, all before or all after. What lies at distance 0 must in turn be free of cycles, or be a
recurrence along another dimension.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from symnet.errors import SpecError
from symnet.language.linear import Linear, linear
from symnet.language.network import Equation, Expr, Index, Op, Reduce, Ref


@dataclass(frozen=True, slots=True)
class _Edge:
    """A read of `source` in an equation for `target`."""

    target: str
    source: str
    equation: Equation
    ref: Ref


def check_cycles(equations: Sequence[Equation]) -> None:
    """Raises SpecError for a cycle that is no recurrence."""
    edges = [_Edge(e.target, ref.tensor, e, ref) for e in equations for ref in _refs(e)]
    _check(edges, frozenset())


def _refs(equation: Equation) -> list[Ref]:
    found: list[Ref] = []
    stack: list[Expr] = [equation.value, *equation.places]
    while stack:
        node = stack.pop()
        match node:
            case Ref():
                found.append(node)
                stack += [*node.indices, *([node.default] if node.default is not None else [])]
            case Op():
                stack += node.args
            case Reduce():
                stack += [node.body, *([node.condition] if node.condition is not None else [])]
    return found


def _check(edges: list[_Edge], used: frozenset[tuple[str, int]]) -> None:
    graph: dict[str, list[str]] = {}
    for edge in edges:
        graph.setdefault(edge.target, []).append(edge.source)
        graph.setdefault(edge.source, [])
    found = components(graph)
    number = {name: position for position, component in enumerate(found) for name in component}
    inside: dict[int, list[_Edge]] = {}
    for edge in edges:
        if number[edge.target] == number[edge.source]:
            inside.setdefault(number[edge.target], []).append(edge)
    for position, cyclic in inside.items():
        _check_component(found[position], cyclic, used)


def _check_component(component: list[str], edges: list[_Edge], used: frozenset[tuple[str, int]]) -> None:
    start = edges[0].target
    rank = len(edges[0].equation.places)
    for axis in range(rank):
        if (start, axis) in used:
            continue
        time = _time(start, axis, edges)
        if time is None:
            continue
        distances = [_distance(edge, time) for edge in edges]
        known = [distance for distance in distances if distance is not None]
        same_side = all(d <= 0 for d in known) or all(d >= 0 for d in known)
        if len(known) < len(edges) or not any(known) or not same_side:
            continue
        rest = [edge for edge, distance in zip(edges, known, strict=True) if distance == 0]
        _check(rest, used | {(name, axis_of) for name, axis_of in time.items()})
        return
    raise _no_recurrence(component, edges)


def _time(start: str, axis: int, edges: list[_Edge]) -> dict[str, int] | None:
    """The time dimension of each tensor if this is that of the first; None if reads do not line up."""
    time = {start: axis}
    changed = True
    while changed:
        changed = False
        for edge in edges:
            for known, other in ((edge.target, edge.source), (edge.source, edge.target)):
                if known in time and other not in time:
                    found = _aligned(edge, known, time[known])
                    if found is None:
                        continue
                    time[other] = found
                    changed = True
    return time if all(edge.target in time and edge.source in time for edge in edges) else None


def _aligned(edge: _Edge, known: str, axis: int) -> int | None:
    """The axis of the other tensor of the edge that runs with this axis of the known one."""
    mine, others = edge.equation.places, edge.ref.indices
    if known == edge.source:
        mine, others = others, mine
    if axis >= len(mine):
        return None
    step = _step(mine[axis])
    if step is None:
        return None
    return next((i for i, other in enumerate(others) if (o := _step(other)) is not None and o[0] == step[0]), None)


def _step(expr: Expr) -> tuple[str, Linear] | None:
    """The index t and the form of an expression t + c; None for any other."""
    form = linear(expr, {})
    if len(form.terms) != 1:
        return None
    (atom, coefficient) = next(iter(form.terms.items()))
    return (atom.name, form) if isinstance(atom, Index) and coefficient.constant == 1 else None


def _distance(edge: _Edge, time: Mapping[str, int]) -> int | None:
    """How far from the place that is written the place that is read lies, if that is constant."""
    written, read = time[edge.target], time[edge.source]
    if edge.equation.scatter or written >= len(edge.equation.places) or read >= len(edge.ref.indices):
        return None
    target, source = _step(edge.equation.places[written]), _step(edge.ref.indices[read])
    if target is None or source is None or target[0] != source[0]:
        return None
    return (source[1].constant - target[1].constant).constant


def _no_recurrence(component: list[str], edges: list[_Edge]) -> SpecError:
    first = edges[0]
    place = first.ref.place or first.equation.place
    hint = "a recurrence reads its own tensor at a constant distance along one index: h[n, t-1, k] else 0"
    if len(component) == 1:
        message = f"{component[0]!r} reads itself, and not at a constant distance along one index"
        return SpecError(message, place, hint=hint)
    path = cycle_path({edge.target: [e.source for e in edges if e.target == edge.target] for edge in edges})
    return SpecError(f"a cycle without a recurrence: {' <- '.join(path)}", place, hint=hint)


def cycle_path(graph: Mapping[str, Sequence[str]]) -> list[str]:
    """One cycle of a graph in which every node has a successor: its nodes, the first again at the end."""
    path: list[str] = []
    node = next(iter(graph))
    while node not in path:
        path.append(node)
        node = next((after for after in graph.get(node, ()) if after in graph), node)
    return [*path[path.index(node) :], node]


def components(graph: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The strongly connected components (Tarjan 1972), without recursion."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    found: list[list[str]] = []
    for root in graph:
        if root in index:
            continue
        work = [(root, iter(graph[root]))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, successors = work[-1]
            following = next((s for s in successors if s not in index or s in on_stack), None)
            if following is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    found.append(_pop_component(node, stack, on_stack))
            elif following in index:
                low[node] = min(low[node], index[following])
            else:
                index[following] = low[following] = len(index)
                stack.append(following)
                on_stack.add(following)
                work.append((following, iter(graph[following])))
    return found


def _pop_component(root: str, stack: list[str], on_stack: set[str]) -> list[str]:
    component: list[str] = []
    while True:
        node = stack.pop()
        on_stack.discard(node)
        component.append(node)
        if node == root:
            return component[::-1]
