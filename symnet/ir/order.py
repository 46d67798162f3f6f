"""The order of a program's tensors: which of them depend on each other in a circle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from symnet.ir.program import Program


def cyclic_groups(program: Program) -> tuple[tuple[str, ...], ...]:
    """The groups of tensors that depend on each other, or on themselves: the recurrences.

    Tensors outside of every circle are left out. Groups come in the order of dependence, their members in the order in
    which the statements write them. They are looked for once in a program.
    """
    known = program.notes.get(cyclic_groups)
    if known is None:
        known = program.notes[cyclic_groups] = _cyclic_groups(program)
    return cast("tuple[tuple[str, ...], ...]", known)


def _cyclic_groups(program: Program) -> tuple[tuple[str, ...], ...]:
    reads: dict[str, dict[str, None]] = {}
    for s in program.statements:
        reads.setdefault(s.target.tensor, {}).update(dict.fromkeys(s.reads))
    edges = {name: [other for other in found if other in reads] for name, found in reads.items()}
    rank = {name: number for number, name in enumerate(edges)}
    return tuple(
        tuple(sorted(group, key=rank.__getitem__))
        for group in components(edges)
        if len(group) > 1 or group[0] in edges[group[0]]
    )


def looping_tensors(program: Program) -> frozenset[str]:
    """The tensors of all recurrences."""
    return frozenset(name for group in cyclic_groups(program) for name in group)


def components(edges: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """The strongly connected components of a graph, each after those that it points to (Tarjan 1972, no recursion)."""
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    waiting: list[str] = []
    open_: dict[str, None] = {}
    found: list[list[str]] = []
    for root in edges:
        if root in number:
            continue
        path = [(root, iter(edges[root]))]
        number[root] = low[root] = len(number)
        waiting.append(root)
        open_[root] = None
        while path:
            node, rest = path[-1]
            step = next((n for n in rest if n not in number or n in open_), None)
            if step is None:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[node])
                if low[node] == number[node]:
                    start = waiting.index(node) if waiting[-1] != node else len(waiting) - 1
                    found.append(waiting[start:])
                    for member in waiting[start:]:
                        del open_[member]
                    del waiting[start:]
            elif step in number:
                low[node] = min(low[node], number[step])
            else:
                number[step] = low[step] = len(number)
                waiting.append(step)
                open_[step] = None
                path.append((step, iter(edges[step])))
    return found
