"""A weight in a symmetric product goes to both of its sides: x'diag(w)x is the product of sqrt(w)*x with itself.

    H[i, j] = sum(n: x[n, i]*w[n]*x[n, j])
becomes
    y[n, i] = x[n, i]*sqrt(w[n])
    H[i, j] = sum(n: y[n, i]*y[n, j])

BLAS calculates one triangle of a product of a matrix with itself, half of the operations, and the result is symmetric
to the last bit. That is done where the weight is proved to be at least 0, with all roundings. Each term gets three more
roundings than before, of its two roots and of one more product.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.order import looping_tensors
from symnet.ir.program import Access, Program, Statement, Tensor, fresh_name, leaf, leaf_number, statement, symbols_of
from symnet.language.extents import Extent
from symnet.passes.definitions import definition, instantiate
from symnet.passes.order import ordered
from symnet.planning.costs import product_time, symmetric_time, volume
from symnet.planning.tame import Tame, is_nonnegative, ranges_of

# A size that is known when the module runs only: where it turns out small, the product is cheap in either form.
TYPICAL = 4096


def share_weights(program: Program) -> Program:
    """The same values, with products of a tensor with itself in the place of those with a weight between."""
    found = _Symmetric(program).run()
    return program if found.statements == program.statements else ordered(found)


@dataclass(frozen=True)
class _Form:
    """A sum of products, some definition put in the place of a factor: its body over these leaves."""

    body: sp.Expr
    leaves: tuple[Access, ...]

    @property
    def pairs(self) -> Iterator[tuple[Access, Access, sp.Expr]]:
        """Two factors that are reads, and the product of the others."""
        reads = [f for f in sp.Mul.make_args(self.body) if f.is_Symbol and leaf_number(f) is not None]
        for a, b in combinations(reads, 2):
            left, right = (self.leaves[leaf_number(factor) or 0] for factor in (a, b))
            if left.tensor == right.tensor:
                yield left, right, self.body / (a * b)

    def indices(self, e: sp.Expr) -> frozenset[str]:
        """The indices that a part of the body depends on. The index of a number counts as one."""
        numbers = {symbol.name: leaf_number(symbol) for symbol in symbols_of(e)}
        read = (name for n in numbers.values() if n is not None for name in self.leaves[n].indices)
        return frozenset((*read, *(name for name, n in numbers.items() if n is None)))


class _Symmetric:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.tensors = dict(program.tensors)
        self.tame = Tame(frozenset(), ranges_of(program))
        self.reads = Counter(name for s in program.statements for access in s.leaves for name in access.tensors)
        self.looping = looping_tensors(program)

    def run(self) -> Program:
        statements = tuple(part for s in self.program.statements for part in self.rewritten(s))
        return replace(self.program, tensors=self.tensors, statements=statements)

    def rewritten(self, s: Statement) -> tuple[Statement, ...]:
        """The statement, or the weighted factor and its product with itself."""
        if s.op != "+" or not s.reduced or s.guards or s.target.tensor in self.looping:
            return (s,)
        found = (self.of_pair(s, form, *pair) for form in self.forms(s) for pair in form.pairs)
        return next((parts for parts in found if parts), (s,))

    def forms(self, s: Statement) -> Iterator[_Form]:
        """The statement as it is, and with one factor that nobody else reads replaced by its definition."""
        yield _Form(s.body, s.leaves)
        for number, access in enumerate(s.leaves):
            factor, defined = leaf(number), definition(self.program.writers.get(access.tensor, ()))
            if defined is None or self.reads[access.tensor] > 1 or access.tensor in self.program.wanted:
                continue
            mirrored = any(other.tensor in defined.reads for other in s.leaves)
            inside = instantiate(defined, access) if mirrored and factor in sp.Mul.make_args(s.body) else None
            if inside is None:
                continue
            body, leaves = inside
            moved = {leaf(k): leaf(len(s.leaves) + k) for k in range(len(leaves))}
            yield _Form(s.body.xreplace({factor: body.xreplace(moved)}), (*s.leaves, *leaves))

    def of_pair(self, s: Statement, form: _Form, a: Access, b: Access, rest: sp.Expr) -> tuple[Statement, ...]:
        """The statements in the place of one whose factors `a` and `b` are each other's mirror images."""
        mirrored = _mirrored(a, b)
        sign = -1 if rest.as_coeff_Mul()[0].is_negative else 1
        within = set(a.indices) & set(b.indices)
        weighted = form.indices(rest) & set(s.extents)
        known = self.tame.known(form.leaves)
        if not mirrored or not weighted or not weighted | set(s.reduced) <= within or self.tensors[a.tensor].integer:
            return ()
        if not self.pays(s, mirrored) or not is_nonnegative(sign * rest, known):
            return ()
        names = tuple(dict.fromkeys(a.indices))
        target = Access(fresh_name(f"{a.tensor}_weighted", self.tensors), tuple(map(Affine.index, names)))
        domain = tuple((name, s.extents[name]) for name in names)
        self.tensors[target.tensor] = Tensor(target.tensor, tuple(extent for _, extent in domain), "value")
        place = form.leaves.index(a)
        half = statement(target, "=", domain, leaf(place) * sp.sqrt(sign * rest), form.leaves, (), s.origin)
        sides = (target, target.substitute(_renaming(mirrored)))
        return half, statement(s.target, "+", s.domain, sign * leaf(0) * leaf(1), sides, (), s.origin)

    def pays(self, s: Statement, mirrored: Mapping[str, str]) -> bool:
        """Whether the rows are those of the columns, and one triangle takes less time than the product."""
        if any(s.extents[i] != s.extents[j] or not {i, j} <= set(s.free) for i, j in mirrored.items()):
            return False
        rows = _typical(volume(s.extents[name] for name in mirrored))
        contracted = _typical(volume(s.extents[name] for name in s.reduced))
        return symmetric_time(rows, contracted) < product_time(rows, rows, contracted)


def _typical(extent: Extent) -> int:
    return extent.value(dict.fromkeys(extent.sizes, TYPICAL))


def _mirrored(a: Access, b: Access) -> dict[str, str]:
    """The indices of `a` and those in their places in `b`, where these alone tell the two accesses apart."""
    found: dict[str, str] = {}
    for here, there in zip(a.places, b.places, strict=True):
        if isinstance(here, Affine) and isinstance(there, Affine):
            own, other = set(here.terms) - set(there.terms), set(there.terms) - set(here.terms)
            pairs = zip(sorted(own, key=_by_coefficient), sorted(other, key=_by_coefficient), strict=False)
            found |= {i: j for (i, _), (j, _) in pairs}
    apart = not set(found) & set(b.indices) and not set(found.values()) & set(a.indices)
    once = len(set(found.values())) == len(found)
    return found if apart and once and a.substitute(_renaming(found)) == b else {}


def _by_coefficient(term: tuple[str, Extent]) -> tuple[str, str]:
    return str(term[1]), term[0]


def _renaming(names: Mapping[str, str]) -> dict[str, Affine]:
    return {old: Affine.index(new) for old, new in names.items()}
