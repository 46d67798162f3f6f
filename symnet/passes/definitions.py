"""What a tensor is defined as, and a definition put in the place of a read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.program import Access, Indirect, Place, Program, Statement, Tensor, index_expression, index_symbol


def definition(writers: tuple[Statement, ...]) -> Statement | None:
    """The statement that defines a tensor elementwise and as a whole: `T[i, j] = body`, nothing else."""
    if len(writers) != 1:
        return None
    s = writers[0]
    if s.op != "=" or s.guards or s.target.plain is None or s.reduced:
        return None
    return s


def whole(s: Statement, tensors: Mapping[str, Tensor]) -> bool:
    """Whether the target is plain over the whole tensor."""
    names = s.target.plain
    return names is not None and tuple(s.extents[n] for n in names) == tensors[s.target.tensor].extents


def single_reader(program: Program, name: str) -> Statement | None:
    """The one statement that reads a tensor; None for a result, and where several read it or none."""
    readers = program.readers.get(name, ())
    return readers[0] if len(readers) == 1 and name not in program.wanted else None


def instantiate(s: Statement, access: Access) -> tuple[sp.Expr, tuple[Access, ...]] | None:
    """The body and the leaves of a definition at the places of an access; None where an indirect place does not fit."""
    names = s.target.plain
    if names is None or access.default is not None:
        return None
    places = dict(zip(names, access.places, strict=True))
    affine = {n: p for n, p in places.items() if isinstance(p, Affine)}
    indirect = {n: p for n, p in places.items() if isinstance(p, Indirect)}
    if any(s.body.has(index_symbol(n)) for n in indirect):
        return None
    leaves = []
    for inner in s.leaves:
        moved = [_moved(p, affine, indirect) for p in inner.places]
        known = tuple(p for p in moved if p is not None)
        if len(known) < len(moved):
            return None
        leaves.append(replace(inner, places=known))
    body = s.body.xreplace({index_symbol(n): index_expression(p) for n, p in affine.items()})
    return body, tuple(leaves)


def _moved(place: Place, affine: Mapping[str, Affine], indirect: Mapping[str, Indirect]) -> Place | None:
    name = place.plain if isinstance(place, Affine) else None
    if name is not None and name in indirect:
        return indirect[name]
    used = place.indices if isinstance(place, Affine) else tuple(n for a in place.indices for n in a.indices)
    if any(n in indirect for n in used):
        return None
    return place.substitute(affine)
