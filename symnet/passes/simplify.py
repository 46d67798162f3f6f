"""Simplify the adjoint: what the chain rule wrote down, in the form in which a person would.

One walk over the tensors in the order of the program. For each:
  1. reads of definitions that are mere copies, or that have no other reader, are replaced by what they stand for;
  2. a scatter through an invertible affine map becomes a gather, guarded so that the solved index stays in range;
  3. elementwise contributions to one adjoint are added up in one statement.

Among the values of the spec only copies that are no result are replaced: what the spec names is else kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.functions import proper
from symnet.ir.program import (
    Access,
    Indirect,
    Program,
    Statement,
    Tensor,
    in_range,
    index_expression,
    index_symbol,
    leaf,
    statement,
)
from symnet.language.extents import Extent
from symnet.passes.conditions import conditional_product
from symnet.passes.definitions import definition, instantiate, single_reader, whole
from symnet.passes.order import ordered

# Bodies stay small: no statement grows beyond so many nodes by taking in another.
LARGEST = 40


def simplify(program: Program) -> Program:
    """The same values from fewer and simpler statements."""
    return ordered(_Simplifier(written_at_once(program)).run())


def written_at_once(program: Program) -> Program:
    """Where an adjoint is a copy of another one that nobody else reads, what writes that one writes the copy itself."""
    instead: dict[str, str] = {}
    copies: set[int] = set()
    for s in reversed(program.statements):  # a copy of a copy is known before what it copies
        if _only_hands_on(s, program):
            source = s.leaves[0].tensor
            instead[source] = instead.get(s.target.tensor, s.target.tensor)
            copies.add(id(s))
    kept = [s for s in program.statements if id(s) not in copies]
    return program.with_statements(
        tuple(replace(s, target=replace(s.target, tensor=instead.get(s.target.tensor, s.target.tensor))) for s in kept)
    )


def _only_hands_on(s: Statement, program: Program) -> bool:
    """Whether it is `A[i] = B[i]` for derivatives: A, which nothing else writes, and B, which nothing else reads."""
    if s.body != leaf(0) or s.reduced or s.guards or len(s.leaves) != 1 or s.op not in ("=", "+"):
        return False
    source, target = s.leaves[0], s.target
    tensors = program.tensors[source.tensor], program.tensors[target.tensor]
    if source.default is not None or source.plain is None or source.plain != target.plain:
        return False
    if not all(t.derived for t in tensors) or tensors[0].extents != tensors[1].extents or not whole(s, program.tensors):
        return False
    alone = program.writers[target.tensor] == (s,) and program.readers.get(source.tensor) == (s,)
    return alone and source.tensor not in program.wanted and source.tensor in program.writers


class _Simplifier:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.names = canonical_indices(program)
        self.definitions: dict[str, Statement] = {}

    def run(self) -> Program:
        pending: dict[str, list[Statement]] = {}
        last = {s.target.tensor: k for k, s in enumerate(self.program.statements)}
        out: list[Statement] = []
        for k, s in enumerate(self.program.statements):
            name = s.target.tensor
            pending.setdefault(name, []).append(self.substituted(s))
            if last[name] == k:
                writers = self.finish(name, pending.pop(name))
                self.define(name, writers)
                out += writers
        return self.program.with_statements(tuple(out))

    # --- 1. definitions in the place of reads ---

    def define(self, name: str, writers: list[Statement]) -> None:
        s = definition(tuple(writers))
        if s is None or not whole(s, self.program.tensors):
            return
        if not self.program.tensors[name].derived:
            if name not in self.program.wanted and is_exact_copy(s):
                self.definitions[name] = s
        elif is_copy(s) or single_reader(self.program, name) is not None:
            self.definitions[name] = s

    def substituted(self, s: Statement) -> Statement:
        """The statement with definitions in the place of leaves, wherever that is allowed and costs nothing."""
        while True:
            for k, access in enumerate(s.leaves):
                d = self.definitions.get(access.tensor)
                found = instantiate(d, access) if d is not None and self.worth(d, s, access) else None
                if found is not None:
                    s = self.inlined(s, k, *found)
                    break
            else:
                return s

    def worth(self, d: Statement, s: Statement, access: Access) -> bool:
        if is_copy(d):
            return True
        if access.tensor in self.program.wanted or is_contraction(s):
            return False
        # A body that is put in twice, again and again along a chain, would grow without bound.
        if s.body.count(leaf(s.leaves.index(access))) > 1 or size_of(s.body) + size_of(d.body) > LARGEST:
            return False
        return is_monomial(d.body) or set(access.indices) == set(s.extents)

    def inlined(self, s: Statement, k: int, body: sp.Expr, accesses: tuple[Access, ...]) -> Statement:
        shift = len(s.leaves)
        inner = body.xreplace({leaf(n): leaf(shift + n) for n in range(len(accesses))})
        leaves = {leaf(n): a for n, a in enumerate(s.leaves) if n != k}
        leaves |= {leaf(shift + n): a for n, a in enumerate(accesses)}
        return statement(s.target, s.op, s.domain, put(s.body, leaf(k), inner), leaves, s.guards, s.origin)

    # --- 2 and 3. scatters and contributions ---

    def finish(self, name: str, writers: list[Statement]) -> list[Statement]:
        tensor = self.program.tensors[name]
        if any(s.op != "+" for s in writers):
            return writers
        writers = [s for s in writers if s.body != 0] or writers[:1]
        names = self.names.get(name)
        gathered = [self.named(gather(s, tensor, self.program.tensors), names) for s in writers]
        elementwise = [s for s in gathered if self.is_elementwise(s, tensor)]
        others = [s for s in gathered if not self.is_elementwise(s, tensor)]
        if len(elementwise) > 1:
            elementwise = [added(elementwise)]
        if not others:
            return [replace(s, op="=") for s in elementwise]
        if len(others) == 1 and not elementwise and is_bijective(others[0], tensor):
            return [replace(others[0], op="=")]
        sums = [s for s in others if s.target.plain is not None]
        scatters = [s for s in others if s.target.plain is None]
        return [*sums, *elementwise, *scatters]

    def is_elementwise(self, s: Statement, tensor: Tensor) -> bool:
        return not s.reduced and not s.guards and whole(s, self.program.tensors)

    def named(self, s: Statement, names: tuple[str, ...] | None) -> Statement:
        """The same statement with the indices that the forward formulas give to the dimensions of its target."""
        now = s.target.plain
        if names is None or now is None or now == names:
            return s
        return renamed(s, dict(zip(now, names, strict=True)))


def canonical_indices(program: Program) -> dict[str, tuple[str, ...]]:
    """The names by which the formulas call the dimensions of a tensor; a derivative has those of its tensor."""
    found: dict[str, tuple[str, ...]] = {}
    for s in program.statements:
        for access in (s.target, *s.leaves):
            names = access.plain
            tensor = program.tensors[access.tensor]
            if names is None or access.tensor in found or s.origin in ("seed", "no path"):
                continue
            of = program.tensors.get(tensor.of)
            if not tensor.derived or of is None or len(names) != len(of.extents):
                found[access.tensor] = names
    for tensor in program.tensors.values():
        if tensor.of in found and len(tensor.extents) == len(found[tensor.of]):
            found[tensor.name] = found[tensor.of]
    return found


def renamed(s: Statement, names: Mapping[str, str]) -> Statement:
    """A statement with indices renamed; a bound index that is in the way gets a free name."""
    names = {old: new for old, new in names.items() if old != new}
    taken = set(s.extents) | set(names.values())
    total = dict(names)
    for name in s.extents:
        if name in names.values() and name not in names:
            fresh = next(f"{name}{k}" for k in range(2, 1000) if f"{name}{k}" not in taken)
            taken.add(fresh)
            total[name] = fresh
    return substituted_indices(
        s, {old: Affine.index(new) for old, new in total.items()}, tuple((total.get(n, n), e) for n, e in s.domain)
    )


def substituted_indices(
    s: Statement, indices: Mapping[str, Affine], domain: tuple[tuple[str, Extent], ...], guards: Iterable[Affine] = ()
) -> Statement:
    """A statement over another domain, its old indices replaced by affine expressions in the new ones."""
    body = s.body.xreplace({index_symbol(n): index_expression(a) for n, a in indices.items()})
    return statement(
        s.target.substitute(indices),
        s.op,
        domain,
        body,
        tuple(a.substitute(indices) for a in s.leaves),
        (*(g.substitute(indices) for g in s.guards), *guards),
        s.origin,
    )


def gather(s: Statement, tensor: Tensor, tensors: Mapping[str, Tensor]) -> Statement:
    """`A[i + c] += e` as `A[u] += e at i = u - c`, with the guard that i stays in range, dimension by dimension.

    A joined place, h*K + k, hits every element once and stays as it is.
    """
    for k, place in enumerate(s.target.places):
        if not isinstance(place, Affine) or place.plain is not None and _uses(s.target, place.plain) == 1:
            continue
        if len(place.terms) > 1 and joins(place, s.extents, tensor.extents[k]):
            continue
        index = _solvable(s, k, place, tensor.extents[k])
        if index is not None:
            s = _solved(s, k, place, index, tensor.extents[k], tensors)
    return s


def _solved(
    s: Statement, k: int, place: Affine, index: str, extent: Extent, tensors: Mapping[str, Tensor]
) -> Statement:
    """The statement over the target's own index in dimension k; unchanged where a slice would become a guard."""
    sign = place.coefficient(index).constant or 1
    u = _free_name(s)
    rest = place - Affine.index(index) * sign
    solved = (Affine.index(u) - rest) * sign
    domain = tuple((u, extent) if n == index else (n, e) for n, e in s.domain)
    gathered = substituted_indices(s, {index: solved}, domain)
    padded = _padded(s, index, tensors)
    if padded is not None and not any(u in guard.indices for guard in gathered.guards):
        gathered = substituted_indices(padded, {index: solved}, domain)
    else:
        gathered = substituted_indices(s, {index: solved}, domain, in_range(solved, s.extents[index]))
    if len(place.indices) == 1 and any(u in guard.indices for guard in gathered.guards):
        return s
    places = (*s.target.places[:k], Affine.index(u), *s.target.places[k + 1 :])
    return replace(gathered, target=replace(s.target, places=places))


def _padded(s: Statement, index: str, tensors: Mapping[str, Tensor]) -> Statement | None:
    """A product that reads `index` in whole dimensions only, with reads that are 0 where the index is out of range.

    None where the product is another thing: it then needs a guard.
    """
    reading = [k for k, access in enumerate(s.leaves) if index in access.indices]
    factors = s.body.as_powers_dict()
    if not reading or s.body.has(index_symbol(index)):
        return None
    for k in reading:
        exponent = factors.get(leaf(k), sp.S.Zero)
        if not (exponent.is_Integer and exponent > 0) or not _reads_all_of(s.leaves[k], index, s.extents, tensors):
            return None
    leaves = tuple(replace(a, default=Fraction(0)) if k in reading else a for k, a in enumerate(s.leaves))
    return statement(s.target, s.op, s.domain, s.body, leaves, s.guards, s.origin)


def _reads_all_of(access: Access, index: str, box: Mapping[str, Extent], tensors: Mapping[str, Tensor]) -> bool:
    """Whether an access has the index as it is in one dimension, which the index goes through from end to end."""
    if access.default not in (None, 0) or not all(isinstance(p, Affine) for p in access.places):
        return False
    extents = tensors[access.tensor].extents
    found = [
        place.plain == index and extent == box[index]
        for place, extent in zip(access.places, extents, strict=True)
        if isinstance(place, Affine) and index in place.indices
    ]
    return found == [True]


def _solvable(s: Statement, k: int, place: Affine, extent: Extent) -> str | None:
    """An index that no other place uses and whose range is most of the dimension's; none where a step is not 1."""
    if any(coefficient.constant not in (1, -1) for _, coefficient in place.terms):
        return None
    fit = [n for n in place.indices if _uses(s.target, n) == 1 and (s.extents[n] * 2).at_least(extent)]
    return next((n for n in fit if all(s.extents[n].at_least(s.extents[m]) for m in fit)), None)


def _uses(target: Access, index: str) -> int:
    """How many places of a target mention an index."""
    return sum(
        index in (p.indices if isinstance(p, Affine) else tuple(n for a in p.indices for n in a.indices))
        for p in target.places
    )


def _free_name(s: Statement) -> str:
    taken = {*s.extents, *(x for e in s.extents.values() for x in e.sizes)}
    letters = (letter + (str(k) if k else "") for k in range(1000) for letter in "ijkluv")
    return next(name for name in letters if name not in taken)


def is_bijective(s: Statement, tensor: Tensor) -> bool:
    """Whether a target with joined places, h*K + k, hits every element once."""
    if s.guards or s.reduced:
        return False
    seen: set[str] = set()
    for place, extent in zip(s.target.places, tensor.extents, strict=True):
        if not isinstance(place, Affine) or seen & set(place.indices) or not joins(place, s.extents, extent):
            return False
        seen |= set(place.indices)
    return True


def joins(place: Affine, extents: Mapping[str, Extent], extent: Extent) -> bool:
    """Whether a place is a joined index, (h, k) or a single one, that hits every element of a dimension once."""
    covered, left = Extent.of(1), dict(place.terms)
    while left:
        step = next((n for n, c in left.items() if c == covered), None)
        if step is None:
            return False
        covered = covered * extents[step]
        del left[step]
    return covered == extent and not place.constant.terms


def added(statements: list[Statement]) -> Statement:
    """Elementwise contributions with the same target as one statement."""
    first = statements[0]
    leaves: dict[sp.Symbol, Access] = {}
    terms = []
    for s in statements:
        names = dict(zip(s.target.plain or (), first.target.plain or (), strict=True))
        s = renamed(s, names)
        offset = len(leaves)
        leaves |= {leaf(offset + k): a for k, a in enumerate(s.leaves)}
        terms.append(s.body.xreplace({leaf(k): leaf(offset + k) for k in range(len(s.leaves))}))
    merged: dict[Access, sp.Symbol] = {}
    same = {symbol: merged.setdefault(a, symbol) for symbol, a in leaves.items()}
    body = sp.Add(*(t.xreplace(same) for t in terms))
    return statement(first.target, "+", first.domain, body, leaves, (), "sum of contributions")


def put(body: sp.Expr, symbol: sp.Symbol, inner: sp.Expr) -> sp.Expr:
    """A body with an expression in the place of a leaf; its condition goes around the product."""
    factors = sp.Mul.make_args(body)
    if symbol in factors:
        rest = sp.Mul(*(f for f in factors if f != symbol))
        if not rest.has(symbol):
            return proper(conditional_product(inner, rest))
    return proper(body.xreplace({symbol: inner}))


def is_copy(s: Statement) -> bool:
    """Whether a definition is a number, or one tensor times a constant factor."""
    if not s.leaves:
        return not s.body.free_symbols & {index_symbol(n) for n in s.extents}
    return len(s.leaves) == 1 and s.leaves[0].default is None and _is_scaled_leaf(s.body, tuple(s.extents))


def is_exact_copy(s: Statement) -> bool:
    """Whether a definition is a number, or another tensor as it is."""
    exact = s.body.is_Number or s.body == leaf(0)
    return exact and is_copy(s) and not any(map(has_indirect, s.leaves))


@lru_cache(maxsize=4096)
def _is_scaled_leaf(body: sp.Expr, indices: tuple[str, ...]) -> bool:
    rest = body / leaf(0)
    return not rest.has(leaf(0)) and not rest.free_symbols & {index_symbol(n) for n in indices}


@lru_cache(maxsize=4096)
def size_of(body: sp.Expr) -> int:
    """How many nodes the tree of a body has."""
    return sum(1 for _ in sp.preorder_traversal(body))


@lru_cache(maxsize=4096)
def is_monomial(body: sp.Expr) -> bool:
    """Whether a body is a product of powers of leaves, sizes and numbers."""
    return all(
        f.is_Number or f.is_Symbol or (isinstance(f, sp.Pow) and f.base.is_Symbol and f.exp.is_Number)
        for f in sp.Mul.make_args(body)
    )


def is_contraction(s: Statement) -> bool:
    """Whether a statement sums a product of tensors of which none has all of its indices."""
    if s.op != "+" or not s.reduced or len(s.leaves) < 2:
        return False
    return isinstance(s.body, sp.Mul) and all(set(a.indices) != set(s.extents) for a in s.leaves)


def has_indirect(access: Access) -> bool:
    """Whether an access reads through an integer tensor."""
    return any(isinstance(p, Indirect) for p in access.places)
