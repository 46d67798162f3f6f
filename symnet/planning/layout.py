"""In which order a tensor's dimensions lie in memory.

A reduction that is no sum, such as the maximum of a softmax, is several times faster over a long first dimension than
over a short last one, since it then works on whole rows. So matrices that are reduced like that are stored the other
way round, together with those that they meet element by element. Sums need no such care: they are matrix products.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from symnet.ir.program import Access, Program, Statement
from symnet.planning.contractions import nominal

# The longest dimension that is still short.
SHORT = 32


def relaid(program: Program, keep: Collection[str]) -> Program:
    """The program with the dimensions of some of its matrices exchanged. What is given or kept stays as it is."""
    groups = _groups(program, keep)
    turned = {name for group in groups if any(_is_reduced_short(program, name) for name in group) for name in group}
    if not turned:
        return program
    tensors = {
        name: replace(tensor, extents=tensor.extents[::-1]) if name in turned else tensor
        for name, tensor in program.tensors.items()
    }

    def turn(access: Access) -> Access:
        return replace(access, places=access.places[::-1]) if access.tensor in turned else access

    def change(s: Statement) -> Statement:
        return replace(s, target=turn(s.target), leaves=tuple(map(turn, s.leaves)))

    return replace(program.map(change), tensors=tensors)


def _groups(program: Program, keep: Collection[str]) -> list[list[str]]:
    """The matrices that may be turned, in groups that meet element by element and should be turned together."""
    leader = {name: name for name in program.writers if len(program.tensors[name].extents) == 2 and name not in keep}

    def find(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    for s in program.statements:
        if s.reduced or s.target.tensor not in leader:
            continue
        for access in s.leaves:
            if access.tensor in leader and access.plain is not None and access.plain == s.target.plain:
                leader[find(access.tensor)] = find(s.target.tensor)
    groups: dict[str, list[str]] = {}
    for name in leader:
        groups.setdefault(find(name), []).append(name)
    return list(groups.values())


def _is_reduced_short(program: Program, name: str) -> bool:
    """Whether a maximum, a minimum or a product runs along the short last dimension of a longer matrix."""
    rows, columns = program.tensors[name].extents
    if columns.constant is None or columns.constant > SHORT or nominal(rows) < columns.constant:
        return False
    return any(
        s.op in ("max", "min", "prod")
        and access.plain is not None
        and access.plain[1] in s.reduced
        and access.plain[0] in s.free
        for s in program.readers.get(name, ())
        for access in s.leaves
        if access.tensor == name
    )
