"""A product of two tensors that several sums of longer products would take first gets a name.

dB[j, r] = sum(i, k: e[i, j, k]*A[i, r]*C[k, r])        p[j, k, r] = sum(i: e[i, j, k]*A[i, r])
dC[k, r] = sum(i, j: e[i, j, k]*A[i, r]*B[j, r])        dB[j, r] = sum(k: p[j, k, r]*C[k, r])
                                                        dC[k, r] = sum(j: p[j, k, r]*B[j, r])

Each sum takes its factors in the cheapest order as before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.functions import proper
from symnet.ir.order import looping_tensors
from symnet.ir.program import Access, Program, Statement, Tensor, fresh_name, leaf, statement
from symnet.passes.order import ordered
from symnet.passes.share import Key, Part, part_of, read_of
from symnet.passes.simplify import is_contraction
from symnet.planning.contractions import cheapest_order
from symnet.planning.costs import indices_of
from symnet.planning.rows import PRODUCT_SHARED

# Orders of longer products take too long to compare.
MOST_FACTORS = 5


@dataclass(frozen=True)
class _Taken:
    """A product of two factors that a sum takes before others, and its indices that are summed with it."""

    statement: Statement
    product: sp.Expr
    part: Part
    summed: tuple[int, ...]


def name_contracted(program: Program) -> Program:
    """The same values, with each product that several sums would begin with calculated by one statement."""
    while True:
        found = _shared(program)
        if found is None:
            return program
        program = ordered(_named(program, found))


def _shared(program: Program) -> list[_Taken] | None:
    """The first product that several sums begin with."""
    looping = looping_tensors(program)
    holders: dict[Key, list[_Taken]] = {}
    for s in program.statements:
        if s.target.tensor in looping or not is_contraction(s) or s.guards or not s.free:
            continue
        for key, taken in {(t.part.key, t.summed): t for t in _first(s)}.items():
            holders.setdefault(key, []).append(taken)
    return next((group for group in holders.values() if len(group) > 1 and PRODUCT_SHARED(len(group))), None)


def _first(s: Statement) -> Iterator[_Taken]:
    """The products of two factors, as they stand, that are taken in the cheapest order."""
    factors = [f for f in sp.Mul.make_args(s.body) if indices_of(f, s)]
    arrays = [(f, access) for f in factors if f.is_Symbol and (access := s.leaf_of(f)) is not None]
    plain = len(arrays) == len(factors) and all(
        access.plain is not None and access.default is None for _, access in arrays
    )
    if not plain or not 3 <= len(arrays) <= MOST_FACTORS or any(len(set(a.indices)) < len(a.places) for _, a in arrays):
        return
    left = [(f, frozenset(a.indices)) for f, a in arrays]
    for i, j in cheapest_order([a.indices for _, a in arrays], s.free, s.extents):
        rest = [entry for k, entry in enumerate(left) if k not in (i, j)]
        (one, a), (other, b) = left[i], left[j]
        needed = set(s.free).union(*(names for _, names in rest))
        if one.is_Symbol and other.is_Symbol and rest:
            part = part_of(one * other, s)
            yield _Taken(s, one * other, part, tuple(part.indices.index(n) for n in sorted((a | b) - needed)))
        left = [*rest, (one * other, (a | b) & needed)]


def _named(program: Program, group: list[_Taken]) -> Program:
    """The program with a statement for what the sums of a group begin with."""
    first, part, s = group[0], group[0].part, group[0].statement
    tensors = dict(program.tensors)
    read = [access for x in first.product.args if (access := s.leaf_of(x)) is not None]
    name = fresh_name(f"{max(read, key=lambda access: len(access.places)).tensor}_product", tensors)
    gone = {part.indices[p] for p in first.summed}
    domain = tuple((n, extent) for n, extent in s.domain if n in part.indices)
    kept = [n for n, _ in domain if n not in gone]
    tensors[name] = Tensor(name, tuple(s.extents[n] for n in kept), "value")
    target = Access(name, tuple(map(Affine.index, kept)))
    made = statement(target, "+" if gone else "=", domain, first.product, s.leaves, (), s.origin)
    positions = [part.indices.index(n) for n in kept]
    instead = {id(t.statement): _reading(t, name, positions) for t in group}
    statements: list[Statement] = []
    for o in program.statements:
        statements += [made] if o is s else []
        statements.append(instead.get(id(o), o))
    return replace(program, tensors=tensors, statements=tuple(statements))


def _reading(t: _Taken, name: str, positions: list[int]) -> Statement:
    s, leaves = t.statement, {leaf(k): access for k, access in enumerate(t.statement.leaves)}
    read = read_of(t.part.held_by(name, positions), leaves)
    gone = {t.part.indices[p] for p in t.summed}
    domain = tuple((n, extent) for n, extent in s.domain if n not in gone)
    return statement(s.target, s.op, domain, proper(s.body / t.product * read), leaves, (), s.origin)
