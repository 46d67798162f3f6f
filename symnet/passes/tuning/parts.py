"""Tensors that become parts of one: t[0, n] in the place of a[n], t[1, n] in the place of b[n]."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from symnet.ir.affine import Affine
from symnet.ir.program import Access, Statement, statement

# A tensor that has become a part: the tensor it is a part of, and its number.
Parts = Mapping[str, tuple[str, int]]


def part_of_one(access: Access, parts: Parts, place: Affine | None = None) -> Access:
    """The access in the tensor that its own has become a part of: at the part's number, or at another place."""
    if access.tensor not in parts:
        return access
    name, number = parts[access.tensor]
    return replace(access, tensor=name, places=(Affine.of(number) if place is None else place, *access.places))


def in_parts(s: Statement, parts: Parts) -> Statement:
    """The statement with parts in the place of the tensors that have become some."""
    if parts.keys().isdisjoint((s.target.tensor, *s.reads)):
        return s
    leaves = tuple(part_of_one(access, parts) for access in s.leaves)
    return statement(part_of_one(s.target, parts), s.op, s.domain, s.body, leaves, s.guards, s.origin)
