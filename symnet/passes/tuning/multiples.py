"""Tensors that are multiples of one tensor are read from one of them: 8*r and 2*f*r, for a number f, from 2*r.

What reads several of them has a factor in common then, which `polynomials.py` takes out.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

from symnet.ir.functions import proper
from symnet.ir.order import looping_tensors
from symnet.ir.program import Access, Program, Statement, index_symbol, leaf, leaf_number, statement, symbols_of
from symnet.passes.definitions import definition, whole
from symnet.passes.order import ordered
from symnet.passes.share import read_of

# With more readers than that, a multiple is calculated once and not by each of them.
MOST_READERS = 2


def read_multiples(program: Program) -> Program:
    """The same values from fewer multiples of one tensor."""
    instead = _instead(program)
    if not instead:
        return program
    return ordered(program.map(lambda s: _rewritten(s, instead)))


@dataclass(frozen=True, slots=True)
class _Multiple:
    """A statement that defines a tensor as `factor`, a number that its leaves tell, times the tensor `source`."""

    statement: Statement
    source: str
    factor: sp.Expr

    @property
    def is_known(self) -> bool:
        """Whether the factor is made of numbers and sizes alone, so that it is not 0."""
        return all(leaf_number(x) is None for x in symbols_of(self.factor))


def _instead(program: Program) -> dict[str, tuple[_Multiple, _Multiple]]:
    """A tensor to what it is, and to the multiple of the same tensor that is read in its place."""
    looping = looping_tensors(program)
    found = [one for s in program.statements if (one := _multiple(s, program)) and s.target.tensor not in looping]
    first: dict[str, _Multiple] = {}
    for one in found:
        if one.is_known:
            first.setdefault(one.source, one)
    instead = {}
    for one in found:
        base, name = first.get(one.source), one.statement.target.tensor
        readers = program.readers.get(name, ())
        if base not in (None, one) and name not in program.wanted and len(readers) <= MOST_READERS:
            instead[name] = one, first[one.source]
    return instead


def _multiple(s: Statement, program: Program) -> _Multiple | None:
    """What a statement is if it defines a tensor as another one with the same dimensions times a number."""
    large = [k for k, access in enumerate(s.leaves) if access.indices]
    if len(large) != 1 or not isinstance(s.body, sp.Mul) or definition(program.writers[s.target.tensor]) is None:
        return None
    source = s.leaves[large[0]]
    factor = s.body / leaf(large[0])
    same = source.plain == s.target.plain and source.default is None and not program.tensors[source.tensor].integer
    moving = {leaf(large[0]), *map(index_symbol, s.extents)}
    if not same or not whole(s, program.tensors) or symbols_of(factor) & moving:
        return None
    return _Multiple(s, source.tensor, factor)


def _rewritten(s: Statement, instead: dict[str, tuple[_Multiple, _Multiple]]) -> Statement:
    """The statement with multiples read from others. All numbers keep their place in products."""
    if not any(access.tensor in instead for access in s.leaves):
        return s
    leaves = {leaf(k): access for k, access in enumerate(s.leaves)}
    values: dict[sp.Symbol, sp.Expr] = {}
    for k, access in enumerate(s.leaves):
        if access.tensor not in instead or access.default is not None:
            continue
        one, base = instead[access.tensor]
        read = read_of(Access(base.statement.target.tensor, access.places), leaves)
        factor = one.factor / base.factor
        own = [n for n in range(len(one.statement.leaves)) if factor.has(leaf(n))]
        numbers = {leaf(n): read_of(one.statement.leaves[n], leaves) for n in own}
        values[leaf(k)] = factor.xreplace(numbers) * read
    body = proper(s.body.xreplace(values))
    return statement(s.target, s.op, s.domain, body, leaves, s.guards, s.origin)
