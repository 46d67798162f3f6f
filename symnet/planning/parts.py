"""Tensors that are written part by part: y[0, n] by some statements and y[1, n] by others, which begin alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from symnet.ir.affine import Affine
from symnet.ir.program import Program, Statement, Tensor


def part_of_target(s: Statement, writers: Sequence[Statement], tensors: Mapping[str, Tensor]) -> int | None:
    """The part of a tensor that a statement writes; None unless all statements write parts as a whole, and all parts.

    The first statement for a part may store what it calculates: nothing is there before, and nobody else writes there.
    """
    parts = [_part(writer, tensors) for writer in writers]
    known = {part for part in parts if part is not None}
    count = tensors[s.target.tensor].extents[0].constant if s.target.places else None
    if None in parts or count is None or known != set(range(count)):
        return None
    return _part(s, tensors)


def written_in_parts(program: Program) -> frozenset[str]:
    """The tensors of a program that are written part by part."""
    return frozenset(
        name
        for name, writers in program.writers.items()
        if len(writers) > 1 and part_of_target(writers[0], writers, program.tensors) is not None
    )


def _part(s: Statement, tensors: Mapping[str, Tensor]) -> int | None:
    """The number at which a statement writes, as its first index, everything that there is."""
    if s.op not in ("+", "=") or s.guards or len(s.target.places) < 2:
        return None
    first, *others = s.target.places
    names = [place.plain if isinstance(place, Affine) else None for place in others]
    if not isinstance(first, Affine) or first.terms or len(set(names)) < len(names):
        return None
    extents = tensors[s.target.tensor].extents[1:]
    complete = all(n is not None and s.extents[n] == extent for n, extent in zip(names, extents, strict=True))
    return first.constant.constant if complete else None
