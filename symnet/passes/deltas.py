"""Kronecker deltas out of derivatives: a tensor that is 0 off a diagonal is calculated, and read, on the diagonal only.

    W_dot[i, c, i, c] += 1,  z_dot[n, c, a, b] += sum(i: x[n, i]*W_dot[i, c, a, b])     becomes
    z_dot[n, c, a, c] += x[n, a]

and so on: what reads z_dot then loses a sum. A statement that is 0 where a leaf is 0 is 0 off the diagonal of that
leaf, so its indices may be equated; an index that is reduced goes away, a free one leaves a diagonal behind.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.order import looping_tensors
from symnet.ir.program import Access, Program, Statement, Tensor, fresh_name, in_range, leaf, statement
from symnet.passes.order import ordered
from symnet.passes.simplify import substituted_indices

# For every dimension of a tensor the number of the first one that it equals on the diagonal: (0, 1, 0, 1).
Pattern = tuple[int, ...]


def without_deltas(program: Program) -> Program:
    """The same values, with the sums over diagonals of derivatives carried out."""
    return ordered(_Deltas(program).run())


class _Deltas:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.tensors: dict[str, Tensor] = dict(program.tensors)
        self.diagonals: dict[str, tuple[Pattern, str]] = {}  # tensor to its pattern and the tensor on the diagonal

    def run(self) -> Program:
        last = {s.target.tensor: k for k, s in enumerate(self.program.statements)}
        written: dict[str, list[Statement]] = {}
        statements: list[Statement] = []
        for k, s in enumerate(self.program.statements):
            name = s.target.tensor
            s = self.reduced(s)
            statements.append(s)
            written.setdefault(name, []).append(s)
            if last[name] == k:
                statements += self.on_diagonal(name, written[name])
        return replace(self.program, tensors=self.tensors, statements=tuple(statements))

    def on_diagonal(self, name: str, writers: list[Statement]) -> list[Statement]:
        """The statements of the diagonal of a derivative that is 0 elsewhere; none where it is not."""
        patterns = {pattern_of(s, self.tensors[name]) for s in writers}
        pattern = patterns.pop()
        if patterns or pattern is None or not self.tensors[name].derived:
            return []
        whole = self.tensors[name]
        diagonal = fresh_name(f"{name}_diagonal", self.tensors)
        extents = tuple(extent for k, extent in enumerate(whole.extents) if pattern[k] == k)
        self.tensors[diagonal] = replace(whole, name=diagonal, extents=extents)
        self.diagonals[name] = pattern, diagonal
        return [replace(s, target=thinned(s.target, pattern, diagonal)) for s in writers]

    def reduced(self, s: Statement) -> Statement:
        """The statement with reads of diagonals in the place of reads of tensors that are 0 elsewhere."""
        for access in s.leaves:
            if access.tensor in self.diagonals:
                found = self.equated(s, access)
                if found is not None:
                    return self.reduced(found)
        return s

    def equated(self, s: Statement, access: Access) -> Statement | None:
        """The statement at the points at which an access is on the diagonal, None where it cannot be said."""
        pattern, diagonal = self.diagonals[access.tensor]
        k = s.leaves.index(access)
        if access.default is not None or s.op not in ("=", "+") or s.body.xreplace({leaf(k): sp.S.Zero}) != 0:
            return None
        found = restricted(s, access, pattern)
        if found is None:
            return None
        s, access = found
        read = {leaf(k): thinned(a, pattern, diagonal) if a == access else a for k, a in enumerate(s.leaves)}
        return statement(s.target, "+", s.domain, s.body, read, s.guards, s.origin)


def pattern_of(s: Statement, tensor: Tensor) -> Pattern | None:
    """Which dimensions are equal on the diagonal outside of which a statement adds nothing; None where none are."""
    names = [place.plain if isinstance(place, Affine) else None for place in s.target.places]
    known = tuple(name for name in names if name is not None)
    if s.op not in ("=", "+") or len(known) < len(names) or len(set(known)) == len(known):
        return None
    if any(s.extents[n] != extent for n, extent in zip(known, tensor.extents, strict=True)):
        return None
    return tuple(map(known.index, known))


def restricted(s: Statement, access: Access, pattern: Pattern) -> tuple[Statement, Access] | None:
    """A statement at the points at which one of its accesses is on a diagonal, and that access there."""
    for m, first in enumerate(pattern):
        one, other = access.places[first], access.places[m]
        if one == other:
            continue
        if not isinstance(one, Affine) or not isinstance(other, Affine):
            return None
        difference = other - one
        index = solvable(s, difference, other)
        if index is None:
            return None
        solved = Affine.index(index) - difference * (difference.coefficient(index).constant or 1)
        domain = tuple((n, e) for n, e in s.domain if n != index)
        s = substituted_indices(s, {index: solved}, domain, in_range(solved, s.extents[index]))
        access = access.substitute({index: solved})
    return s, access


def thinned(access: Access, pattern: Pattern, name: str) -> Access:
    """The access to the tensor that holds a diagonal, from one to the whole tensor."""
    return Access(name, tuple(place for k, place in enumerate(access.places) if pattern[k] == k))


def solvable(s: Statement, difference: Affine, later: Affine) -> str | None:
    """The index that an equation is best solved for: one that is reduced, else one of the later dimension."""
    found = [n for n in difference.indices if difference.coefficient(n).constant in (1, -1)]
    return min(found, key=lambda n: (n not in s.reduced, n not in later.indices), default=None)


# --- the other way round -----------------------------------------------------------------------------


def on_diagonals_only(program: Program) -> Program:
    """The same results, with what is read on a diagonal only calculated there only."""
    looping = looping_tensors(program)
    for name in reversed(tuple(program.writers)):
        if not program.tensors[name].integer and name not in looping and name not in program.wanted:
            program = _on_diagonal_only(program, name)
    return ordered(program)


def _on_diagonal_only(program: Program, name: str) -> Program:
    reads = [a for s in program.statements for a in s.leaves if a.tensor == name]
    pattern = tuple(
        next(m for m in range(k + 1) if all(a.places[m] == a.places[k] for a in reads))
        for k in range(len(program.tensors[name].extents))
    )
    if not reads or len(set(pattern)) == len(pattern) or any(a.default is not None for a in reads):
        return program
    whole = program.tensors[name]
    diagonal = program.fresh(f"{name}_diagonal")
    extents = tuple(extent for k, extent in enumerate(whole.extents) if pattern[k] == k)
    statements: list[Statement] = []
    for s in program.statements:
        if s.target.tensor == name:
            found = restricted(s, s.target, pattern)
            if found is None:
                return program
            s = replace(found[0], target=thinned(found[1], pattern, diagonal))
        leaves = tuple(thinned(a, pattern, diagonal) if a.tensor == name else a for a in s.leaves)
        statements.append(statement(s.target, s.op, s.domain, s.body, leaves, s.guards, s.origin))
    tensors = {**program.tensors, diagonal: replace(whole, name=diagonal, extents=extents)}
    return replace(program, tensors=tensors, statements=tuple(statements))
