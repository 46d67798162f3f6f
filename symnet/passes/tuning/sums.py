"""Sums that differ only in factors are one sum, and a condition is tested once.

The gradients of a normalisation are sums over the same elements: of d, of d*(x - m), each times other factors that the
sum does not move. Here
  1. an adjoint with a condition that several statements read gets a tensor, where(c, dy, 0), and a condition is dropped
     where a factor is 0 outside of it already, and everything else is finite;
  2. factors leave a sum, what is left is read from a tensor that holds it, or gets one where two statements want it;
     a sum of terms is taken apart where all of its parts are known, so that sum(x - mean x) is 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.functions import proper, where
from symnet.ir.order import looping_tensors
from symnet.ir.program import (
    Access,
    Program,
    Statement,
    Tensor,
    fresh_name,
    index_symbol,
    leaf,
    leaf_number,
    size_expression,
    statement,
)
from symnet.passes.definitions import definition, instantiate, whole
from symnet.passes.share import Key, Part, part_of, statement_key
from symnet.passes.simplify import simplify
from symnet.planning.tame import Tame, tame_tensors


def gather_sums(program: Program) -> Program:
    """The same values with fewer passes over large tensors."""
    loops = looping_tensors(program)
    named = _unmasked(_with_names(_unmasked(program), loops))
    changed = _Sums(named, loops).run()
    return program if changed.statements == program.statements else simplify(changed)


# --- 1: conditions that a factor has already -------------------------------------------------------


def _unmasked(program: Program) -> Program:
    return program.map(_Unmasked(program).of)


class _Unmasked:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.tame: Tame | None = None

    def of(self, s: Statement) -> Statement:
        if not s.body.has(where):
            return s
        body = s.body.replace(lambda e: self.is_masked(e, s), lambda e: e.args[1])
        return s if body == s.body else statement(s.target, s.op, s.domain, body, s.leaves, s.guards, s.origin)

    def is_masked(self, e: sp.Expr, s: Statement) -> bool:
        """Whether it is where(c, a*f, 0) with a tensor a that is 0 where c does not hold, and f finite."""
        if not isinstance(e, where) or e.args[2] != 0:
            return False
        condition, product = e.args[:2]
        factors = [f for f in sp.Mul.make_args(product) if f.is_Symbol and leaf_number(f) is not None]
        if not any(self.condition(f, s) == _over_accesses(condition, s.leaves) for f in factors):
            return False
        if self.tame is None:
            self.tame = tame_tensors(self.program)
        return self.tame.is_finite(product, s.leaves)

    def condition(self, symbol: sp.Symbol, s: Statement) -> sp.Expr | None:
        """The condition outside of which a leaf is 0 by its definition, over accesses."""
        access = s.leaves[leaf_number(symbol) or 0]
        d = definition(self.program.writers.get(access.tensor, ()))
        found = None if d is None or access.tensor == s.target.tensor else instantiate(d, access)
        if found is None or not isinstance(found[0], where) or found[0].args[2] != 0:
            return None
        return _over_accesses(found[0].args[0], found[1])


def _over_accesses(e: sp.Expr, leaves: Sequence[Access]) -> sp.Expr:
    """The expression with what a leaf reads in the place of its number."""
    return e.xreplace(
        {leaf(k): sp.Symbol(f"@{access}", real=True) for k, access in enumerate(leaves) if e.has(leaf(k))}
    )


# --- 2: one sum for all that differ in factors -----------------------------------------------------


@dataclass(frozen=True)
class _Sum:
    """What a statement sums, `inner`, and the factor in front of the sum."""

    statement: Statement
    factor: sp.Expr
    inner: sp.Expr

    @property
    def alone(self) -> Statement:
        """The sum without its factor, as a statement with a target that has no name yet."""
        s = self.statement
        used = {n for k, a in enumerate(s.leaves) if self.inner.has(leaf(k)) for n in a.indices}
        target = Access("", tuple(Affine.index(n) for n in s.target.indices if n in used))
        domain = tuple((n, e) for n, e in s.domain if n in used)
        return statement(target, "+", domain, self.inner, s.leaves, (), s.origin)


class _Sums:
    def __init__(self, program: Program, loops: frozenset[str]) -> None:
        self.program = program
        self.loops = loops
        self.tensors = dict(program.tensors)
        self.held: dict[Key, tuple[str, sp.Expr]] = {}  # key to a tensor and what it has to be multiplied by
        self.wanted: dict[Key, int] = {}

    def run(self) -> Program:
        found = {id(s): None if s.target.tensor in self.loops else _sum_of(s) for s in self.program.statements}
        for one in found.values():
            if one is not None:
                key = statement_key(one.alone)
                self.wanted[key] = self.wanted.get(key, 0) + 1
        out: list[Statement] = []
        for s in self.program.statements:
            one = found[id(s)]
            out += [s] if one is None else self.written(one)
        return replace(self.program, tensors=self.tensors, statements=tuple(out))

    def written(self, one: _Sum) -> list[Statement]:
        """The statements that take the place of a sum."""
        s = one.statement
        taken_apart = self.apart(one)
        if taken_apart is not None:
            return [taken_apart]
        alone = one.alone
        key = statement_key(alone)
        if key in self.held:
            return [self.reading(one, *self.held[key], alone)]
        if self.sole(s) and not _numbers(one.factor) and alone.target.indices == s.target.indices:
            self.held[key] = s.target.tensor, 1 / one.factor
            return [s]
        if self.wanted.get(key, 0) < 2:
            return [s]
        new = self.named(alone, s.target.tensor)
        self.held[key] = new.target.tensor, sp.S.One
        return [new, self.reading(one, new.target.tensor, sp.S.One, alone)]

    def sole(self, s: Statement) -> bool:
        """Whether a statement alone gives its tensor, as a whole, by plain indices."""
        return self.program.writers[s.target.tensor] == (s,) and whole(s, self.program.tensors)

    def named(self, alone: Statement, reader: str) -> Statement:
        name = fresh_name(f"{reader}_sum", self.tensors)
        self.tensors[name] = Tensor(name, tuple(alone.extents[n] for n in alone.target.indices), "value")
        return replace(alone, target=replace(alone.target, tensor=name))

    def reading(self, one: _Sum, tensor: str, factor: sp.Expr, alone: Statement) -> Statement:
        """The statement with the sum read from a tensor."""
        s = one.statement
        leaves = {leaf(k): a for k, a in enumerate(s.leaves)}
        total = leaf(len(leaves))
        leaves[total] = replace(alone.target, tensor=tensor)
        return self.elementwise(s, one.factor * factor * total, leaves)

    def elementwise(self, s: Statement, body: sp.Expr, leaves: dict[sp.Symbol, Access]) -> Statement:
        domain = tuple((n, e) for n, e in s.domain if n in s.free)
        op = "=" if self.sole(s) else "+"
        return statement(s.target, op, domain, proper(body), leaves, (), s.origin)

    def apart(self, one: _Sum) -> Statement | None:
        """A sum of terms as the sum of their sums, where a tensor holds each of them."""
        s = one.statement
        if not isinstance(one.inner, sp.Add):
            return None
        leaves = {leaf(k): a for k, a in enumerate(s.leaves)}
        total = sp.S.Zero
        for term in one.inner.args:
            part = _split(term, s)
            if part is None:
                return None
            factor, inner = part
            if inner == 1:
                for name in s.reduced:
                    factor = factor * size_expression(s.extents[name])
                total += factor
                continue
            alone = _Sum(s, factor, inner).alone
            held = self.held.get(statement_key(alone))
            if held is None or len(alone.reduced) < len(s.reduced):
                return None
            symbol = leaf(len(leaves))
            leaves[symbol] = replace(alone.target, tensor=held[0])
            total += factor * held[1] * symbol
        return self.elementwise(s, one.factor * _merged(total, leaves), leaves)


def _merged(e: sp.Expr, leaves: dict[sp.Symbol, Access]) -> sp.Expr:
    """The expression with one symbol for each access: what is equal may cancel."""
    first: dict[Access, sp.Symbol] = {}
    return e.xreplace({symbol: first.setdefault(access, symbol) for symbol, access in leaves.items()})


def _sum_of(s: Statement) -> _Sum | None:
    """The sum that a statement is; None where it is another thing, or one that sums beyond its factors."""
    if s.op != "+" or not s.reduced or s.guards or s.target.plain is None:
        return None
    if any(s.body.has(index_symbol(n)) for n in s.extents) or any(s.target.tensor in a.tensors for a in s.leaves):
        return None
    part = _split(s.body, s)
    if part is None or part[1] == 1:
        return None
    one = _Sum(s, *part)
    return one if set(one.alone.reduced) == set(s.reduced) else None


def _split(e: sp.Expr, s: Statement) -> tuple[sp.Expr, sp.Expr] | None:
    """(the factors that no reduced index moves, the others without sign and numbers) of a product."""
    kept, inner = sp.S.One, sp.S.One
    for factor in sp.Mul.make_args(e):
        if any(set(s.leaves[n].indices) & set(s.reduced) for n in _numbers(factor)):
            number, rest = _plain_sum(factor)
            kept, inner = kept * number, inner * rest
        else:
            kept = kept * factor
    return kept, inner


def _plain_sum(factor: sp.Expr) -> tuple[sp.Expr, sp.Expr]:
    """A sum of terms as a number times a sum without common factor that does not begin with a minus."""
    if not isinstance(factor, sp.Add):
        return sp.S.One, factor
    number, rest = factor.primitive()
    return (-number, -rest) if rest.could_extract_minus_sign() else (number, rest)


def _numbers(e: sp.Expr) -> list[int]:
    return [n for n in map(leaf_number, e.free_symbols) if n is not None]


# --- 1: conditions that many statements read -------------------------------------------------------


@dataclass(frozen=True)
class _Part:
    """A part of a body, `found`, of which `inner` gets a name: `instead` is what is left with leaf(-1) for it.

    `large` is a leaf of it with all indices of the statement.
    """

    found: sp.Expr
    inner: sp.Expr
    instead: sp.Expr
    large: Access
    part: Part


HERE = leaf(1_000_000)


def _with_names(program: Program, loops: frozenset[str]) -> Program:
    """The program with a tensor for every part that several statements read."""
    counts: dict[Key, int] = {}
    tensors, held, out = dict(program.tensors), dict[Key, tuple[str, tuple[int, ...]]](), list[Statement]()
    for s in program.statements:
        for key in {one.part.key for one in _masked(s, tensors)} if s.target.tensor not in loops else ():
            counts[key] = counts.get(key, 0) + 1
    for s in program.statements:
        while s.target.tensor not in loops:
            one = next((one for one in _masked(s, tensors) if counts.get(one.part.key, 0) > 1), None)
            if one is None:
                break
            key, indices = one.part.key, one.part.indices
            if key not in held:
                out.append(_definition(one, s, tensors))
                held[key] = out[-1].target.tensor, tuple(map(indices.index, out[-1].target.indices))
            name, positions = held[key]
            s = _with_read(s, one, Access(name, tuple(Affine.index(indices[p]) for p in positions)))
        out.append(s)
    return replace(program, tensors=tensors, statements=tuple(out))


def _definition(one: _Part, s: Statement, tensors: dict[str, Tensor]) -> Statement:
    name = fresh_name(f"{one.large.tensor}_kept", tensors)
    domain = tuple((n, s.extents[n]) for n in one.large.indices)
    tensors[name] = Tensor(name, tuple(extent for _, extent in domain), "value")
    target = Access(name, tuple(Affine.index(n) for n, _ in domain))
    return statement(target, "=", domain, one.inner, s.leaves, (), origin=s.origin)


def _with_read(s: Statement, one: _Part, access: Access) -> Statement:
    symbol = leaf(len(s.leaves))
    body = proper(s.body.xreplace({one.found: one.instead.xreplace({HERE: symbol})}))
    leaves = {leaf(k): a for k, a in enumerate(s.leaves)} | {symbol: access}
    return statement(s.target, s.op, s.domain, body, leaves, s.guards, s.origin)


def _masked(s: Statement, tensors: Mapping[str, Tensor]) -> Iterator[_Part]:
    """The adjoints with all indices of a statement that have a condition in front of them."""
    if s.guards or not s.body.has(where):
        return
    for e in sp.preorder_traversal(s.body):
        if not isinstance(e, where) or e.args[2] != 0:
            continue
        for factor in sp.Mul.make_args(e.args[1]):
            number = leaf_number(factor) if factor.is_Symbol else None
            access = None if number is None else s.leaves[number]
            if access is None or not tensors[access.tensor].derived or not _is_plain(access):
                continue
            read = [s.leaves[n] for n in _numbers(e.args[0])]
            if set(access.indices) == set(s.extents) and all(map(_is_plain, read)):
                inner = where(e.args[0], factor, 0)
                if e == s.body and e == inner and not s.reduced:
                    continue  # that is the tensor's own definition
                yield _Part(e, inner, e.xreplace({factor: HERE}), access, part_of(inner, s))


def _is_plain(access: Access) -> bool:
    return access.plain is not None and access.default is None
