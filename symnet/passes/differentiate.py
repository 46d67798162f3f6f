"""Program -> the program with its adjoint behind it: reverse mode on statements.

    for  T[g(d)] += f(A[h(d)], ...)  over D      dA[h(d)] += dT[g(d)] * df/dA   over the same D

That is the whole rule; it holds for plain, affine, guarded and indirect accesses, and its result is again such
statements, so that it applies to itself. The other reductions add a row each (`reductions.ROWS`).
(Reverse accumulation: Linnainmaa 1970; Griewank and Walther, Evaluating Derivatives, 2008.)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.bundle import Differentiated
from symnet.ir.functions import proper, where
from symnet.ir.program import Access, Program, Statement, Tensor, fresh_name, in_range, leaf, statement
from symnet.passes.conditions import FAR, Mask, WithLeaves, condition_at, conditional_product, mask_of
from symnet.passes.finite import guarded_roots, meets_infinity, wild_tensors
from symnet.passes.reductions import passed

Seeds = Mapping[str, str | None]


def differentiate(program: Program, seeds: Seeds, wrt: Iterable[str]) -> Differentiated:
    """The adjoints of the tensors `wrt`.

    `seeds` maps tensors to the name of their upstream adjoint, which becomes an input of the program, or to None
    where the upstream adjoint is 1. The result's program has the adjoints of `wrt` as further results; they are 0 where
    no path leads to a tensor.
    """
    return _Reverse(program, seeds, tuple(dict.fromkeys(wrt))).run()


class _Reverse:
    def __init__(self, program: Program, seeds: Seeds, wrt: tuple[str, ...]) -> None:
        self.program = program
        self.seeds = seeds
        self.wrt = wrt
        self.writers, self.wild = program.writers, wild_tensors(program)
        self.tensors: dict[str, Tensor] = dict(program.tensors)
        self.forward: list[Statement] = []
        self.adjoints: list[Statement] = []
        self.names: dict[str, str] = {}  # tensor to its adjoint
        self.masks: dict[str, list[Mask]] = {}  # tensor to the conditions of the contributions to its adjoint so far
        self.first_read: dict[str, int] = {}  # tensor to the position of the first statement that reads it
        for k in range(len(program.statements) - 1, -1, -1):
            self.first_read.update((name, k) for name in program.statements[k].reads)

    def run(self) -> Differentiated:
        active = self.active()
        for name in self.order_of(active):
            self.declare(name)
        inputs = tuple((name, seed) for name, seed in self.seeds.items() if seed is not None)
        for name, seed in self.seeds.items():
            self.seed(name, seed)
        extra: dict[int, list[Statement]] = {}
        for k in range(len(self.program.statements) - 1, -1, -1):
            s = self.program.statements[k]
            if s.target.tensor in active:
                extra[k] = self.reverse(s, k)
        for k, s in enumerate(self.program.statements):
            self.forward += [s, *extra.get(k, ())]
        adjoints = self.complete(self.adjoints)
        gradients = tuple((name, self.names[name]) for name in self.wrt)
        results = tuple(dict.fromkeys((*self.program.results, *(d for _, d in gradients))))
        result = replace(self.program, tensors=self.tensors, statements=(*self.forward, *adjoints), results=results)
        return Differentiated(result, len(self.forward), inputs, gradients)

    # --- which tensors have an adjoint ---

    def active(self) -> set[str]:
        """The tensors that depend on `wrt` and that the seeds depend on."""
        after = set(self.wrt)
        # A recurrence reads tensors that are written later: repeat until nothing is new (once, without recurrences).
        grown = True
        while grown:
            before = len(after)
            for s in self.program.statements:
                if s.op not in ("argmax", "argmin") and any(a.tensor in after for a in s.leaves):
                    after.add(s.target.tensor)
            grown = len(after) > before
        before_seeds = set(self.seeds)
        grown = True
        while grown:
            size = len(before_seeds)
            for s in reversed(self.program.statements):
                if s.target.tensor in before_seeds:
                    before_seeds.update(a.tensor for a in s.leaves)
            grown = len(before_seeds) > size
        return {name for name in after & before_seeds if not self.tensors[name].integer}

    def order_of(self, active: set[str]) -> list[str]:
        return [n for n in self.program.tensors if n in active or n in self.wrt or n in self.seeds]

    def declare(self, name: str) -> None:
        tensor = self.tensors[name]
        adjoint = fresh_name(f"d{name}", self.tensors)
        self.names[name] = adjoint
        self.tensors[adjoint] = Tensor(adjoint, tensor.extents, "adjoint", of=name)

    def seed(self, name: str, seed: str | None) -> None:
        """The upstream adjoint of a tensor, as the first contribution to its adjoint."""
        tensor = self.tensors[name]
        box = tuple((f"i{k}", extent) for k, extent in enumerate(tensor.extents))
        places = tuple(Affine.index(n) for n, _ in box)
        target = Access(self.names[name], places)
        if seed is None:
            self.contribute(statement(target, "+", box, sp.S.One, {}, origin="seed"))
            return
        self.tensors[seed] = Tensor(seed, tensor.extents, "input", of=name)
        self.contribute(statement(target, "+", box, leaf(0), (Access(seed, places),), origin="seed"))

    # --- the rule ---

    def reverse(self, s: Statement, position: int) -> list[Statement]:
        """Add the contributions of one statement to the adjoints of what it reads.

        Returns statements that the forward part needs besides (the saved position of a maximum).
        """
        active = [k for k, a in enumerate(s.leaves) if a.tensor in self.names and not self.tensors[a.tensor].integer]
        partials = {k: partial(s.body, k) for k in active}
        partials = {k: guarded_roots(d, s, self.writers) for k, d in partials.items() if d != 0}
        if not partials:
            return []
        symbol = leaf(FAR - 1)
        dbody, leaves, extra = passed(s, symbol, self.tensors)
        upstream = dbody, leaves | {symbol: Access(self.names[s.target.tensor], s.target.places)}
        # In a recurrence the adjoint of the target is not complete here, so nothing is known of its zeros.
        complete = self.first_read.get(s.target.tensor, position + 1) > position
        mask = self.mask(s) if complete else None
        # Elementwise contributions first, so that the sums behind them can be read from what they hold.
        elementwise = sorted(partials, key=lambda k: not set(s.extents) <= set(s.leaves[k].indices))
        for k in elementwise:
            derivative = partials[k]
            kept = mask if meets_infinity(derivative, s, self.wild) else None
            self.contribute(self.contribution(s, k, derivative, upstream, kept))
        return extra

    def contribution(
        self, s: Statement, k: int, derivative: sp.Expr, upstream: WithLeaves, mask: WithLeaves | None
    ) -> Statement:
        access = s.leaves[k]
        guards = s.guards + self.guards_of(access)
        dbody, dleaves = upstream
        leaves = {leaf(n): a for n, a in enumerate(s.leaves)} | dleaves
        body = conditional_product(dbody, derivative)
        if mask is not None:
            condition, mask_leaves = mask
            body = where(condition, body, 0)
            leaves |= mask_leaves
        target = Access(self.names[access.tensor], access.places)
        return statement(target, "+", s.domain, body, leaves, guards, f"adjoint of {s.target.tensor}")

    def guards_of(self, access: Access) -> tuple[Affine, ...]:
        """Outside of the range of a tensor its default was read, which has no adjoint."""
        if access.default is None:
            return ()
        extents = self.tensors[access.tensor].extents
        return tuple(
            guard
            for place, extent in zip(access.places, extents, strict=True)
            if isinstance(place, Affine)
            for guard in in_range(place, extent)
        )

    def contribute(self, s: Statement) -> None:
        self.adjoints.append(s)
        name = self.tensors[s.target.tensor].of
        self.masks.setdefault(name, []).append(mask_of(s, self.tensors[name].extents))

    def mask(self, s: Statement) -> WithLeaves | None:
        """The condition outside of which the adjoint of the target is 0, over the indices of the statement."""
        return condition_at(self.masks.get(s.target.tensor, []), s.target.places)

    # --- what is left over ---

    def complete(self, statements: list[Statement]) -> tuple[Statement, ...]:
        """Drop what reads an adjoint that nothing contributes to, and give the wanted ones that are 0 a statement."""
        kept, dropped = statements, True
        made = set(self.names.values())
        while dropped:
            written = {s.target.tensor for s in kept}
            live = [s for s in kept if all(r in written for r in s.reads if r in made)]
            dropped = len(live) < len(kept)
            kept = live
        written = {s.target.tensor for s in kept}
        zeros = [self.zero(self.names[name]) for name in self.wrt if self.names[name] not in written]
        used = written | {self.names[name] for name in self.wrt}
        self.tensors = {
            n: t for n, t in self.tensors.items() if t.role != "adjoint" or n in used or n in self.program.tensors
        }
        return (*kept, *zeros)

    def zero(self, name: str) -> Statement:
        box = tuple((f"i{k}", extent) for k, extent in enumerate(self.tensors[name].extents))
        target = Access(name, tuple(Affine.index(n) for n, _ in box))
        return statement(target, "=", box, sp.S.Zero, {}, origin="no path")


@lru_cache(maxsize=4096)
def partial(body: sp.Expr, k: int) -> sp.Expr:
    """The local gradient df/dleaf(k)."""
    return proper(body.diff(leaf(k)))
