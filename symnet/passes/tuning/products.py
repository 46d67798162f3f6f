"""Products of two tensors that several statements hold get a name: dh*(1 - h**2), which dW and db both sum.

A product of tensors over the same indices is a pass over as many elements, and each statement that holds it would make
it anew. One of tensors over different indices is none of these: it may be a product of matrices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.program import Access, Program, Statement, Tensor, fresh_name, leaf, leaf_number, statement
from symnet.passes.order import ordered
from symnet.passes.share import Key, Part, part_of, read_of

# In a longer product, pairs are not counted.
MOST_FACTORS = 8

Pair = tuple[sp.Symbol, sp.Symbol]
Holder = tuple[Statement, Pair, Part]


def name_products(program: Program) -> Program:
    """The same values, with each product of two tensors that several statements hold calculated by one of its own."""
    while True:
        found = _Products(program).run()
        if found is None:
            return program
        program = ordered(found)


class _Products:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.tensors = dict(program.tensors)
        self.instead: dict[int, tuple[Statement, ...]] = {}
        self.last = {s.target.tensor: k for k, s in enumerate(program.statements)}

    def run(self) -> Program | None:
        """The program with products named that several statements hold; None where there is none.

        Of those that share a statement only the first is: the others may not be there any more.
        """
        holders: dict[Key, list[Holder]] = {}
        for k, s in enumerate(self.program.statements):
            own = {part.key: (s, pair, part) for pair, part in self.pairs(s, k)}
            for key, entry in own.items():
                holders.setdefault(key, []).append(entry)
        for entries in holders.values():
            if len(entries) > 1 and self.instead.keys().isdisjoint(id(s) for s, _, _ in entries):
                self.name(entries)
        if not self.instead:
            return None
        statements = [made for s in self.program.statements for made in self.instead.get(id(s), (s,))]
        return replace(self.program, tensors=self.tensors, statements=tuple(statements))

    def pairs(self, s: Statement, position: int) -> Iterator[tuple[Pair, Part]]:
        """The pairs of tensors over the same indices that a statement multiplies besides something else."""
        if s.guards or any(self.last.get(name, -1) >= position for name in s.reads):
            return
        for e in sp.preorder_traversal(s.body):
            if not isinstance(e, sp.Mul) or len(e.args) > MOST_FACTORS:
                continue
            if e == s.body and s.reduced and not s.free and len([x for x in e.args if self.indices(x, s)]) < 3:
                continue  # the sum of all products of two tensors is a dot, which writes nothing
            factors = [x for x in e.args if len(self.indices(x, s)) > 1]
            for one, other in combinations(sorted(factors, key=str), 2):
                if self.indices(one, s) == self.indices(other, s):
                    yield (one, other), part_of(one * other, s)

    def indices(self, factor: sp.Expr, s: Statement) -> frozenset[str]:
        """The indices of a factor that reads a real tensor at plain places; none for any other factor."""
        number = leaf_number(factor) if factor.is_Symbol else None
        access = None if number is None else s.leaves[number]
        if access is None or access.plain is None or access.default is not None:
            return frozenset()
        return frozenset() if self.program.tensors[access.tensor].integer else frozenset(access.plain)

    def name(self, entries: list[Holder]) -> None:
        first, (one, other), part = entries[0]
        own = first.leaves[leaf_number(one) or 0]
        name = fresh_name(f"{own.tensor}_product", self.tensors)
        order = own.plain or ()
        domain = tuple((n, first.extents[n]) for n in order)
        self.tensors[name] = Tensor(name, tuple(x for _, x in domain), "value")
        target = Access(name, tuple(map(Affine.index, order)))
        made = statement(target, "=", domain, one * other, first.leaves, (), origin=first.origin)
        positions = tuple(part.indices.index(n) for n in order)
        for s, pair, found in entries:
            reader = self.reading(s, pair, found, name, positions)
            self.instead[id(s)] = (made, reader) if s is first else (reader,)

    def reading(self, s: Statement, pair: Pair, part: Part, name: str, positions: tuple[int, ...]) -> Statement:
        leaves = {leaf(k): a for k, a in enumerate(s.leaves)}
        symbol = read_of(part.held_by(name, positions), leaves)
        body = s.body.replace(
            lambda e: isinstance(e, sp.Mul) and set(pair) <= set(e.args), lambda e: e / (pair[0] * pair[1]) * symbol
        )
        return statement(s.target, s.op, s.domain, body, leaves, s.guards, s.origin)
