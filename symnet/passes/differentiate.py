"""Program -> the program with its adjoint behind it: reverse mode on statements.

    for  T[g(d)] += f(A[h(d)], ...)  over D      dA[h(d)] += dT[g(d)] * df/dA   over the same D

That is the whole rule; it holds for plain, affine, guarded and indirect accesses, and its result is again such
statements, so that it applies to itself. The other reductions add a row each (`_UPSTREAM`): max and min pass the
adjoint to the first index that attains the value, prod multiplies by the product over the other indices.
(Reverse accumulation: Linnainmaa 1970; Griewank and Walther, Evaluating Derivatives, 2008.)

Conditions travel: where an adjoint is `where(c, e, 0)`, the next one is `where(c, e*f', 0)`, so that an infinite f'
of the branch that was not taken never meets the 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import lru_cache, reduce

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.bundle import Differentiated
from symnet.ir.functions import both, either, eq, ne, negation, proper, where
from symnet.ir.program import (
    Access,
    Program,
    Statement,
    Tensor,
    fresh_name,
    in_range,
    index_expression,
    index_symbol,
    leaf,
    leaf_number,
    statement,
)
from symnet.language.extents import Extent

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
        leaves = [k for k, a in enumerate(s.leaves) if a.tensor in self.names and not self.tensors[a.tensor].integer]
        partials = {k: partial(s.body, k) for k in leaves}
        partials = {k: d for k, d in partials.items() if d != 0}
        if not partials:
            return []
        upstream, extra = _UPSTREAM[s.op](self, s)
        # In a recurrence the adjoint of the target is not complete here, so nothing is known of its zeros.
        complete = self.first_read.get(s.target.tensor, position + 1) > position
        mask = self.mask(s) if complete else None
        # Elementwise contributions first, so that the sums behind them can be read from what they hold.
        elementwise = sorted(partials, key=lambda k: not set(s.extents) <= set(s.leaves[k].indices))
        for k in elementwise:
            derivative = partials[k]
            self.contribute(self.contribution(s, k, derivative, upstream, mask if singular(derivative) else None))
        return extra

    def contribution(
        self, s: Statement, k: int, derivative: sp.Expr, upstream: Upstream, mask: Condition | None
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
        self.masks.setdefault(name, []).append(_mask_of(s, self.tensors[name].extents))

    def mask(self, s: Statement) -> Condition | None:
        """The condition outside of which the adjoint of the target is 0, over the indices of the statement."""
        masks = self.masks.get(s.target.tensor, [])
        if not masks or any(m is None for m in masks):
            return None
        if any(not isinstance(p, Affine) for p in s.target.places):
            return None
        leaves: dict[sp.Symbol, Access] = {}
        total: sp.Expr = sp.S.Zero
        for m in masks:
            assert m is not None
            indices, condition, accesses = m
            # The names of the contribution's indices give way to the places of this statement's target.
            into = {n: p for n, p in zip(indices, s.target.places, strict=True) if isinstance(p, Affine)}
            renamed = {index_symbol(n): index_expression(p) for n, p in into.items()}
            for symbol, access in accesses.items():
                renamed[symbol] = leaf(_FAR + len(leaves))
                leaves[leaf(_FAR + len(leaves))] = access.substitute(into)
            total = either(total, condition.xreplace(renamed))
        return total, leaves

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


# (body of the upstream adjoint, its leaves)
Upstream = tuple[sp.Expr, dict[sp.Symbol, Access]]
# (condition, its leaves)
Condition = tuple[sp.Expr, dict[sp.Symbol, Access]]
# (index names of the target, condition, leaves of the condition); None where the contribution has no such form
Mask = tuple[tuple[str, ...], sp.Expr, dict[sp.Symbol, Access]] | None

# Numbers of leaves that no statement reaches by itself.
_FAR = 1_000_000


def _plain_upstream(r: _Reverse, s: Statement) -> tuple[Upstream, list[Statement]]:
    symbol = leaf(_FAR - 1)
    return (symbol, {symbol: Access(r.names[s.target.tensor], s.target.places)}), []


def _first_extreme(r: _Reverse, s: Statement) -> tuple[Upstream, list[Statement]]:
    """max, min: the position of the first extreme value is saved, and is a constant from then on."""
    box = tuple((n, s.extents[n]) for n in s.free)
    name = fresh_name(f"{s.target.tensor}_arg", r.tensors)
    r.tensors[name] = Tensor(name, tuple(e for _, e in box), "value", integer=True)
    position = Access(name, tuple(Affine.index(n) for n, _ in box))
    saved = statement(position, f"arg{s.op}", s.domain, s.body, s.leaves, s.guards, origin="forward")
    (symbol, leaves), _ = _plain_upstream(r, s)
    at = leaf(_FAR - 2)
    here = index_expression(joined(s.reduced, s.extents))
    return (where(eq(at, here), symbol, 0), leaves | {at: position}), [saved]


def _other_factors(r: _Reverse, s: Statement) -> tuple[Upstream, list[Statement]]:
    """prod: the product over all other indices; never T/A, which is NaN at a zero."""
    other = {n: f"{n}_other" for n in s.reduced}
    renamed = {n: Affine.index(m) for n, m in other.items()}
    name = fresh_name(f"{s.target.tensor}_others", r.tensors)
    r.tensors[name] = Tensor(name, tuple(e for _, e in s.domain), "value")
    here, there = joined(s.reduced, s.extents), joined(s.reduced, s.extents).substitute(renamed)
    body = s.body.xreplace({index_symbol(n): index_symbol(m) for n, m in other.items()})
    others = statement(
        Access(name, tuple(Affine.index(n) for n, _ in s.domain)),
        "prod",
        (*s.domain, *((other[n], s.extents[n]) for n in s.reduced)),
        where(ne(index_expression(here), index_expression(there)), body, 1),
        tuple(a.substitute(renamed) for a in s.leaves),
        tuple(g.substitute(renamed) for g in s.guards),
        origin="forward",
    )
    (symbol, leaves), _ = _plain_upstream(r, s)
    rest = leaf(_FAR - 2)
    return (symbol * rest, leaves | {rest: Access(name, others.target.places)}), [others]


_UPSTREAM: dict[str, Callable[[_Reverse, Statement], tuple[Upstream, list[Statement]]]] = {
    "=": _plain_upstream,
    "+": _plain_upstream,
    "max": _first_extreme,
    "min": _first_extreme,
    "prod": _other_factors,
}


def joined(names: tuple[str, ...], extents: Mapping[str, Extent]) -> Affine:
    """The row-major joined position of several indices."""
    total = Affine()
    for name in names:
        total = total * extents[name] + Affine.index(name)
    return total


@lru_cache(maxsize=4096)
def partial(body: sp.Expr, k: int) -> sp.Expr:
    """The local gradient df/dleaf(k)."""
    return proper(body.diff(leaf(k)))


@lru_cache(maxsize=4096)
def singular(e: sp.Expr) -> bool:
    """Whether an expression of finite leaves may be infinite: it divides or takes a logarithm."""
    return any(
        isinstance(part, sp.log)
        or (isinstance(part, sp.Pow) and part.exp.could_extract_minus_sign() and part.base.free_symbols)
        for part in sp.preorder_traversal(e)
    )


def conditional_product(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """a*b, with a factor where(c, e, 0) around all of it: 0 where c does not hold, whatever the other factors are."""
    conditions: list[sp.Expr] = []
    product = sp.S.One
    for factor in (*sp.Mul.make_args(a), *sp.Mul.make_args(b)):
        while isinstance(factor, where) and factor.args[2] == 0:
            conditions.append(factor.args[0])
            factor = factor.args[1]
        if isinstance(factor, where) and factor.args[1] == 0:
            conditions.append(negation(factor.args[0]))
            factor = factor.args[2]
        product = product * factor
    for condition in reversed(conditions):
        product = where(condition, product, 0)
    return product


def condition_of(e: sp.Expr) -> sp.Expr | None:
    """The condition outside of which an expression is 0 by its form, None where it has no such form."""
    if isinstance(e, where) and 0 in e.args[1:]:
        condition, chosen, other = e.args
        condition, inner = (condition, chosen) if other == 0 else (negation(condition), other)
        further = condition_of(inner)
        return condition if further is None else both(condition, further)
    if not isinstance(e, sp.Mul | sp.Add):
        return None
    found = [condition_of(part) for part in e.args]
    known = [condition for condition in found if condition is not None]
    if isinstance(e, sp.Add):
        return reduce(either, known) if len(known) == len(found) else None
    return reduce(both, known) if known else None


def _mask_of(s: Statement, extents: tuple[Extent, ...]) -> Mask:
    """The condition outside of which a contribution to a whole tensor is 0, if the condition reduces nothing."""
    indices = s.target.plain
    if indices is None or s.guards or tuple(s.extents[n] for n in indices) != extents:
        return None
    condition = condition_of(s.body)
    if condition is None:
        return None
    accesses: dict[sp.Symbol, Access] = {}
    for symbol in sorted(condition.free_symbols, key=str):
        number = leaf_number(symbol)
        if number is not None:
            accesses[symbol] = s.leaves[number]
        elif symbol.name in s.extents and symbol.name not in indices:
            return None
    if any(set(a.indices) - set(indices) for a in accesses.values()):
        return None
    return indices, condition, accesses
