"""Factors and terms that a recurrence does not move leave its loop: they are calculated for all times at once.

The adjoint of a gate, dc[t]*i[t]*g[t]*(1 - i[t]), is one product with dc[t] inside of the loop and three large ones
outside of it. Of r*s[t-1] + tanh(u[t]) the loop only adds the second term.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.functions import proper
from symnet.ir.order import cyclic_groups
from symnet.ir.program import Access, Program, Statement, Tensor, fresh_name, index_symbol, leaf, leaf_number, statement
from symnet.passes.order import ordered
from symnet.passes.share import Key, Part, part_of, read_of
from symnet.planning.costs import operations
from symnet.planning.rows import HOISTED
from symnet.planning.tame import is_safe


def hoist(program: Program) -> Program:
    """The same values with shorter loops."""
    groups = cyclic_groups(program)
    return ordered(_Hoist(program, groups).run()) if groups else program


@dataclass(frozen=True)
class _Made:
    """A tensor that holds what was taken out, and the position of each of its indices in the part."""

    tensor: str
    positions: tuple[int, ...]


class _Hoist:
    def __init__(self, program: Program, groups: tuple[tuple[str, ...], ...]) -> None:
        self.program = program
        self.loop = {name: frozenset(group) for group in groups for name in group}
        self.tensors = dict(program.tensors)
        self.made: dict[Key, _Made] = {}
        self.out: list[Statement] = []

    def run(self) -> Program:
        for s in self.program.statements:
            self.out.append(self.rewritten(s) if s.target.tensor in self.loop else s)
        return replace(self.program, tensors=self.tensors, statements=tuple(self.out))

    def rewritten(self, s: Statement) -> Statement:
        """The statement with reads in the place of what leaves the loop."""
        leaves = {leaf(k): access for k, access in enumerate(s.leaves)}
        given = sp.Add.make_args(s.body)
        sums = self.fixed_sums(given, s)
        gone = {term for fixed in sums for term in sp.Add.make_args(fixed)}
        terms = [self.outside(fixed, s, leaves, "term") for fixed in sums]
        for term in given:
            if term in gone:
                continue
            fixed = self.fixed(term, s)
            pays = fixed is not None and part_of(fixed, s).indices
            terms.append(term / fixed * self.outside(fixed, s, leaves, "factor") if pays else term)
        body = proper(sp.Add(*terms))
        return s if body == s.body else statement(s.target, s.op, s.domain, body, leaves, s.guards, s.origin)

    def outside(self, fixed: sp.Expr, s: Statement, leaves: dict[sp.Symbol, Access], role: str) -> sp.Expr:
        """A read of the tensor that holds a part of the statement's body for all times."""
        part = part_of(fixed, s)
        made = self.made.get(part.key) or self.define(fixed, part, s, role)
        return read_of(part.held_by(made.tensor, made.positions), leaves)

    def fixed_sums(self, terms: tuple[sp.Expr, ...], s: Statement) -> list[sp.Expr]:
        """The sums of terms that are the same in every turn of the loop, those with the same indices together.

        Where nothing else is in the body, only what was taken out of another one: the statement leaves the loop
        with it, or is that of a single turn.
        """
        found: dict[frozenset[str], list[sp.Expr]] = {}
        for term in terms:
            factors = [f for f in sp.Mul.make_args(term) if f.free_symbols]
            names = frozenset(part_of(term, s).indices)
            if factors and names and all(self.is_fixed(f, s) for f in factors):
                found.setdefault(names, []).append(term)
        alone = sum(map(len, found.values())) == len(terms)
        sums = [sp.Add(*those) for those in found.values()]
        sums = [e for e in sums if HOISTED(operations(e)) and (not s.guards or is_safe(e))]
        return [e for e in sums if not alone or part_of(e, s).key in self.made]

    def fixed(self, term: sp.Expr, s: Statement) -> sp.Expr | None:
        """The product of the factors of a term that are the same in every turn of the loop; None where none pays."""
        factors = [f for f in sp.Mul.make_args(term) if f.free_symbols]
        still = [f for f in factors if self.is_fixed(f, s)]
        fixed = sp.Mul(*still)
        pays = 0 < len(still) < len(factors) and HOISTED(operations(fixed))
        return fixed if pays and (not s.guards or is_safe(fixed)) else None

    def is_fixed(self, factor: sp.Expr, s: Statement) -> bool:
        """Whether a factor reads tensors from outside of the loop alone, and no index as a number.

        What reads beyond a tensor where only the guards forbid it stays behind them.
        """
        if any(factor.has(index_symbol(n)) for n in s.extents):
            return False
        read = [s.leaves[n] for n in map(leaf_number, factor.free_symbols) if n is not None]
        outside = all(a.tensor not in self.loop[s.target.tensor] for a in read)
        if s.guards:
            return outside and all(a.plain is not None and a.default is None for a in read)
        return outside and all(isinstance(place, Affine) for a in read for place in a.places)

    def define(self, fixed: sp.Expr, part: Part, s: Statement, role: str) -> _Made:
        name = fresh_name(f"{s.target.tensor}_{role}", self.tensors)
        names = [n for n in s.extents if n in part.indices]
        domain = tuple((n, s.extents[n]) for n in names)
        self.tensors[name] = Tensor(name, tuple(extent for _, extent in domain), "value")
        target = Access(name, tuple(map(Affine.index, names)))
        self.out.append(statement(target, "=", domain, fixed, s.leaves, (), origin=s.origin))
        made = self.made[part.key] = _Made(name, tuple(part.indices.index(n) for n in names))
        return made
