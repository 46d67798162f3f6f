"""Sums of products are written in the form that takes the fewest passes over large arrays.

    r[n]*u[k]*h[n, k]**2 + r[n]*v[k]*h[n, k] + r[n]*w[k]    becomes    r[n]*((u[k]*h[n, k] + v[k])*h[n, k] + w[k])

Factors that all terms have are taken out, and what is left is evaluated by Horner's rule. A tensor that is a polynomial
in another one of the same sum, s = 1 - h**2, is written with that one where terms then become one. Sums are never
multiplied with sums: (x - m)**2 would lose its digits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import sympy as sp

from symnet.ir.functions import proper
from symnet.ir.order import looping_tensors
from symnet.ir.program import Access, Program, Statement, leaf, statement
from symnet.passes.definitions import definition, instantiate, single_reader, whole
from symnet.passes.order import ordered
from symnet.passes.share import read_definition
from symnet.planning.costs import indices_of, passes_over
from symnet.planning.rows import FEWER_PASSES

# Longer sums are left as they are.
MOST_TERMS = 12

# A sum of products: the powers of each product to the number in front of it.
Powers = tuple[tuple[sp.Expr, int], ...]
Terms = dict[Powers, sp.Expr]


def factored(program: Program) -> Program:
    """The same values, with sums of products in their cheapest forms."""
    return ordered(_Factoring(program).run())


class _Factoring:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.looping = looping_tensors(program)
        self.defined: dict[str, Statement] = {}  # what is defined elementwise, in the form that it has by now

    def run(self) -> Program:
        out = []
        for s in self.program.statements:
            if self.is_plain(s):
                s = self.cheapest(s if s.reduced else self.with_adjoint(s))
                if definition(self.program.writers[s.target.tensor]) is not None and whole(s, self.program.tensors):
                    self.defined[s.target.tensor] = s
            out.append(s)
        return self.program.with_statements(tuple(out))

    def is_plain(self, s: Statement) -> bool:
        """Whether a statement gives values for many points, each by a formula or by a sum of it."""
        plain = not s.guards and s.target.plain is not None and bool(s.free)
        return plain and s.op in ("=", "+") and s.target.tensor not in self.looping

    def with_adjoint(self, s: Statement) -> Statement:
        """A product with the sum that an adjoint is in the place of the adjoint, if nothing else reads that."""
        for k, access in enumerate(s.leaves):
            d = self.defined.get(access.tensor)
            alone = single_reader(self.program, access.tensor) is not None
            if d is None or not alone or not self.program.tensors[access.tensor].derived:
                continue
            found = instantiate(d, access)
            if found is None or set(access.plain or ()) != set(s.extents) or leaf(k) not in sp.Mul.make_args(s.body):
                continue
            merged = _put(s, leaf(k), found, s.body)
            if any(isinstance(f, sp.Add) for f in sp.Mul.make_args(found[0])):
                return merged
        return s

    def cheapest(self, s: Statement) -> Statement:
        """The statement in the form that takes the fewest passes, as it is where no form takes fewer."""
        best, least = s, passes_over(s)
        for form in (s, *self.substituted(s)):
            body = _Forms(form).rewritten(form.body)
            found = statement(s.target, s.op, s.domain, proper(body), form.leaves, s.guards, s.origin)
            passes = passes_over(found)
            if FEWER_PASSES(least, passes):
                best, least = found, passes
        return best

    def substituted(self, s: Statement) -> Iterator[Statement]:
        """The statement with one of its tensors written as the polynomial that it is in another one of them."""
        reads = set(s.leaves)
        for k, access in enumerate(s.leaves):
            d = self.defined.get(access.tensor)
            found = instantiate(d, access) if d is not None and len(d.leaves) == 1 else None
            if found is None or found[1][0] not in reads or terms_of(found[0]) is None:
                continue
            for part in sp.Mul.make_args(s.body):
                if isinstance(part, sp.Add) and part.has(leaf(k)):
                    yield _put(s, leaf(k), found, part)


def _put(s: Statement, symbol: sp.Symbol, found: tuple[sp.Expr, tuple[Access, ...]], part: sp.Expr) -> Statement:
    """The statement with a definition in the place of a leaf, in a part of its body."""
    leaves = {leaf(k): access for k, access in enumerate(s.leaves)}
    changed = s.body.xreplace({part: part.xreplace({symbol: read_definition(found, leaves)})})
    return statement(s.target, s.op, s.domain, proper(changed), leaves, s.guards, s.origin)


# --- forms of one sum ------------------------------------------------------------------------------


class _Forms:
    """The sums of one body: which of their factors are large, and how they are written."""

    def __init__(self, s: Statement) -> None:
        self.s = s
        self.every = frozenset(s.extents)

    def rewritten(self, e: sp.Expr) -> sp.Expr:
        """An expression with each sum in it factored."""
        if not e.args or e.is_number:
            return e
        terms = terms_of(e) if isinstance(e, sp.Add) else None
        if terms is not None:
            return self.written(terms)
        return e.func(*map(self.rewritten, e.args))

    def indices(self, e: sp.Expr) -> frozenset[str]:
        """The indices that move an expression."""
        return indices_of(e, self.s)

    def written(self, terms: Terms) -> sp.Expr:
        """A sum with what its terms have in common in front, and the rest by Horner's rule."""
        common = _common(terms)
        if len(terms) == 1:
            return _sum(terms)
        rest = {_without(powers, common): number for powers, number in terms.items()}
        # A small factor goes back into terms that are as small: there it costs least.
        small = {x: n for x, n in common.items() if self.is_small_beside(x, rest)}
        rest = {_times(powers, small): number for powers, number in rest.items()}
        front = sp.Mul(*(x**n for x, n in common.items() if x not in small))
        return front * self.horner(rest)

    def is_small_beside(self, factor: sp.Expr, rest: Terms) -> bool:
        """Whether a factor costs no pass over large arrays within the terms: each large one has another such factor."""
        own, large = self.indices(factor), False
        if own == self.every:
            return False
        for powers in rest:
            names = [self.indices(x) for x, _ in powers]
            small = [n for n in names if n != self.every]
            large = large or len(small) < len(names)
            if not all(n <= own for n in small) or (len(small) < len(names) and not any(small)):
                return False
        return large

    def horner(self, terms: Terms) -> sp.Expr:
        """The sum as x*(...) + the terms without x, for the factor x that most terms have, large ones first."""
        counts: dict[sp.Expr, int] = {}
        for powers in terms:
            for x, _ in powers:
                counts[x] = counts.get(x, 0) + 1
        often = [x for x, count in counts.items() if count > 1 and not self.is_small_beside(x, _with(terms, x))]
        if not often:
            return _sum(terms)
        x = max(often, key=lambda x: (len(self.indices(x)), counts[x], sp.default_sort_key(x)))
        outside = {p: number for p, number in terms.items() if x not in dict(p)}
        return x * self.written(_with(terms, x)) + (self.written(outside) if outside else 0)


# --- terms -----------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def terms_of(e: sp.Expr) -> Terms | None:
    """A sum as its terms, a product with one sum in it multiplied out. None for sums that are too long.

    What is neither a sum nor a product nor a whole power of such counts as a variable, and so does a further sum.
    """
    found: Terms = {}
    for term in sp.Add.make_args(e):
        factors = sp.Mul.make_args(term)
        inner = next((f for f in factors if isinstance(f, sp.Add)), None)
        parts = terms_of(inner) if inner is not None else {(): sp.S.One}
        outer = _powers([f for f in factors if f is not inner])
        for powers, number in (parts or {}).items():
            key = _times(powers, dict(outer))
            found[key] = found.get(key, sp.S.Zero) + number * sp.Mul(*(f for f in factors if f.is_Number))
        if parts is None or len(found) > MOST_TERMS:
            return None
    return {powers: number for powers, number in found.items() if number != 0}


def _powers(factors: Sequence[sp.Expr]) -> Powers:
    found: dict[sp.Expr, int] = {}
    for factor in factors:
        whole_power = isinstance(factor, sp.Pow) and factor.exp.is_Integer and factor.exp > 0
        base, exponent = (factor.base, int(factor.exp)) if whole_power else (factor, 1)
        if not factor.is_Number:
            found[base] = found.get(base, 0) + exponent
    return _sorted(found)


def _sorted(powers: Mapping[sp.Expr, int]) -> Powers:
    return tuple(sorted(((x, n) for x, n in powers.items() if n), key=lambda pair: sp.default_sort_key(pair[0])))


def _times(powers: Powers, more: Mapping[sp.Expr, int]) -> Powers:
    found = dict(powers)
    for x, n in more.items():
        found[x] = found.get(x, 0) + n
    return _sorted(found)


def _without(powers: Powers, less: Mapping[sp.Expr, int]) -> Powers:
    return _times(powers, {x: -n for x, n in less.items()})


def _with(terms: Terms, x: sp.Expr) -> Terms:
    """The terms that have a factor, without it."""
    return {_without(powers, {x: 1}): number for powers, number in terms.items() if x in dict(powers)}


def _common(terms: Terms) -> dict[sp.Expr, int]:
    """The factors of all terms."""
    first, *others = map(dict, terms)
    return {x: min([n, *(other[x] for other in others)]) for x, n in first.items() if all(x in o for o in others)}


def _sum(terms: Terms) -> sp.Expr:
    return sp.Add(*(sp.Mul(number, *(x**n for x, n in powers)) for powers, number in terms.items()))
