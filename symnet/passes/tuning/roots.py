"""A root that several statements hold to different powers is taken once: a loss has it, and its slope has it below.

                                                        q[n] = sqrt(1 + r[n]**2)
loss = sum(n: sqrt(1 + r[n]**2))                        loss = sum(n: q[n])
dr[n] = r[n]/sqrt(1 + r[n]**2)                          dr[n] = r[n]/q[n]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from symnet.ir.functions import proper
from symnet.ir.order import looping_tensors
from symnet.ir.program import Program, Statement, leaf, statement
from symnet.passes.definitions import definition, whole
from symnet.passes.order import ordered
from symnet.passes.share import Key, Part, named_part, part_of, read_of
from symnet.passes.simplify import canonical_indices

# A power of a root is a few products.
LARGEST_POWER = 4


@dataclass(frozen=True)
class _Held:
    """A power with a root in it in the body of a statement, and its base as a part of that body."""

    statement: Statement
    power: sp.Pow
    base: Part

    def positions(self, names: Iterable[str]) -> tuple[int, ...]:
        """Where those of some indices that the base has are among its own."""
        return tuple(self.base.indices.index(n) for n in names if n in self.base.indices)

    def is_all(self, program: Program) -> bool:
        """Whether the statement defines a tensor as this power, and has no index more than its base."""
        s = self.statement
        defined = definition(program.writers[s.target.tensor]) is not None and whole(s, program.tensors)
        return defined and s.body == self.power and set(s.target.plain or ()) == set(self.base.indices)


@dataclass(frozen=True)
class _Root:
    """A root and the tensor that holds it, with the position of each of its indices in the base."""

    exponent: sp.Rational
    tensor: str
    positions: tuple[int, ...]


def name_roots(program: Program) -> Program:
    """The same values, with each root calculated by one statement where several hold powers of it."""
    tensors, indices = dict(program.tensors), canonical_indices(program)
    before: dict[int, list[Statement]] = {}
    reads: dict[int, list[tuple[_Held, _Root]]] = {}
    for group in _groups(program):
        exponent = _common(group)
        if exponent is None:
            continue
        first = next((h for h in group if h.power.exp == exponent and h.is_all(program)), None)
        if first is not None:
            root = _Root(exponent, first.statement.target.tensor, first.positions(first.statement.target.plain or ()))
        else:
            first = group[0]
            part = part_of(first.power.base**exponent, first.statement)
            made = named_part(first.power.base**exponent, part, first.statement, tensors, indices, "root")
            before.setdefault(id(first.statement), []).append(made)
            root = _Root(exponent, made.target.tensor, first.positions(first.statement.extents))
        for held in group:
            if held.statement.target.tensor != root.tensor:
                reads.setdefault(id(held.statement), []).append((held, root))
    if not reads:
        return program
    statements: list[Statement] = []
    for s in program.statements:
        statements += before.get(id(s), [])
        statements.append(_reading(s, reads.get(id(s), [])))
    return ordered(replace(program, tensors=tensors, statements=tuple(statements)))


def _groups(program: Program) -> Iterator[list[_Held]]:
    """The powers of each base that is an array, where several statements hold some."""
    found: dict[Key, list[_Held]] = {}
    looping = looping_tensors(program)
    for s in program.statements:
        if s.guards or s.target.tensor in looping:
            continue
        for e in sorted(s.body.atoms(sp.Pow), key=sp.default_sort_key):
            base = part_of(e.base, s) if e.exp.is_Rational and not e.exp.is_Integer else None
            if base is not None and base.indices:
                found.setdefault(base.key, []).append(_Held(s, e, base))
    yield from (group for group in found.values() if len({id(held.statement) for held in group}) > 1)


def _common(group: Sequence[_Held]) -> sp.Rational | None:
    """The exponent whose multiples all powers have, the smallest of theirs; None unless some are above and some below.

    Where all are on one side, `scales.py` reads them.
    """
    exponents = {held.power.exp for held in group}
    least = min(exponents, key=lambda e: (abs(e), -e))
    times = [e / least for e in exponents]
    fits = all(t.is_Integer and abs(t) <= LARGEST_POWER for t in times)
    return least if fits and min(exponents) < 0 < max(exponents) else None


def _reading(s: Statement, held: Sequence[tuple[_Held, _Root]]) -> Statement:
    """The statement with powers of roots that tensors hold."""
    if not held:
        return s
    leaves = {leaf(k): access for k, access in enumerate(s.leaves)}
    instead = {}
    for one, root in held:
        read = read_of(one.base.held_by(root.tensor, root.positions), leaves)
        instead[one.power] = read ** (one.power.exp / root.exponent)
    return statement(s.target, s.op, s.domain, proper(s.body.xreplace(instead)), leaves, s.guards, s.origin)
