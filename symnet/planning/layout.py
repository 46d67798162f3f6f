"""In which order a tensor's dimensions lie in memory.

What is written step by step in a loop is stored with the time first, so that each step is one piece. A reduction that
is no sum, such as the maximum of a softmax, is several times faster over a long first dimension than over a short last
one, since it then works on whole rows: matrices that are reduced like that are stored the other way round. Tensors
that meet element by element are stored alike. Sums need no such care: they are matrix products.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from symnet.ir.affine import Affine
from symnet.ir.program import Access, Program, Statement
from symnet.planning.contractions import nominal

# The longest dimension that is still short.
SHORT = 32

Order = tuple[int, ...]


def relaid(program: Program, keep: Collection[str], times: Mapping[str, Order] | None = None) -> Program:
    """The program with the dimensions of some of its tensors in another order. What is given or kept stays as it is.

    `times` are the dimensions along which loops write a tensor, outermost loop first.
    """
    orders = _orders(program, keep, times or {})
    if not orders:
        return program
    tensors = {
        name: replace(tensor, extents=tuple(tensor.extents[d] for d in orders[name])) if name in orders else tensor
        for name, tensor in program.tensors.items()
    }

    def turn(access: Access) -> Access:
        order = orders.get(access.tensor)
        return access if order is None else replace(access, places=tuple(access.places[d] for d in order))

    def change(s: Statement) -> Statement:
        return replace(s, target=turn(s.target), leaves=tuple(map(turn, s.leaves)))

    return replace(program.map(change), tensors=tensors)


def _orders(program: Program, keep: Collection[str], times: Mapping[str, Order]) -> dict[str, Order]:
    """The new order of the dimensions of every tensor that gets one."""
    found: dict[str, Order] = {}
    for group in _groups(program, keep):
        rank = len(program.tensors[group[0]].extents)
        wanted = next((times[name] for name in group if name in times), None)
        if wanted is None and rank == 2 and any(_is_reduced_short(program, name) for name in group):
            wanted = (1,)
        if wanted is None:
            continue
        order = (*wanted, *(d for d in range(rank) if d not in wanted))
        if order != tuple(range(rank)):
            found.update(dict.fromkeys(group, order))
    return found


def _groups(program: Program, keep: Collection[str]) -> list[list[str]]:
    """The tensors that may be turned, in groups that meet element by element and should be turned together."""
    leader = {name: name for name in program.writers if len(program.tensors[name].extents) >= 2 and name not in keep}

    def find(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    for s in program.statements:
        if s.reduced or s.target.tensor not in leader:
            continue
        for access in s.leaves:
            if access.tensor in leader and _meets(access, s.target):
                leader[find(access.tensor)] = find(s.target.tensor)
    groups: dict[str, list[str]] = {}
    for name in leader:
        groups.setdefault(find(name), []).append(name)
    return list(groups.values())


def _meets(access: Access, target: Access) -> bool:
    """Whether two accesses run through their tensors alike. Places without an index, such as times, do not count."""
    if len(access.places) != len(target.places):
        return False
    pairs = [
        (a, b)
        for a, b in zip(access.places, target.places, strict=True)
        if not (isinstance(a, Affine) and isinstance(b, Affine) and not a.terms and not b.terms)
    ]
    return bool(pairs) and all(isinstance(a, Affine) and a.plain is not None and a == b for a, b in pairs)


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
