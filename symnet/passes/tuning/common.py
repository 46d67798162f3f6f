"""Products with a common operand are one product with the sum of the others, where that has few elements.

y[n, i] += sum(j: x[n, j]*A[i, j])                  A_sum[i, j] += A[i, j] + B[i, j]
y[n, i] += sum(j: x[n, j]*B[i, j])                  A_sum[i, i] += 1
y[n, i] += x[n, i]                                  y[n, i] += sum(j: x[n, j]*A_sum[i, j])

The operand itself is its product with the identity. Terms that another tensor holds, and that only this sum reads, are
found there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.order import looping_tensors
from symnet.ir.program import Access, Program, Statement, Tensor, fresh_name, leaf, statement
from symnet.passes.definitions import single_reader, whole
from symnet.passes.order import ordered
from symnet.passes.share import Key, statement_key
from symnet.passes.simplify import added, is_contraction, renamed
from symnet.planning.contractions import volume
from symnet.planning.costs import ARITHMETIC, OPERATIONS, indices_of
from symnet.planning.rows import COMMON_OPERAND


def common_operands(program: Program) -> Program:
    """The same values with fewer products of matrices."""
    return _Common(program).run()


# --- terms -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Term:
    """What is added to a tensor, as a statement, and the tensors that hold it so far."""

    statement: Statement
    held: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Product:
    """A product that is added to a tensor, and one of its operands."""

    statement: Statement
    operand: Access

    @property
    def roles(self) -> dict[str, str]:
        """Index to what it is: a dimension of the result, or the first that the operand has besides, the second, ..."""
        found = {n: f"f{k}" for k, n in enumerate(self.statement.target.plain or ())}
        for n in self.operand.indices:
            found.setdefault(n, f"b{len(found)}")
        return found

    @property
    def key(self) -> Key:
        """Equal for products with the same operand, whatever their indices are called."""
        roles = self.roles
        extents = sorted((roles[n], str(extent)) for n, extent in self.statement.domain)
        return self.operand.called(roles), tuple(extents)

    @property
    def other(self) -> Statement:
        """The statement without the operand."""
        s = self.statement
        return statement(s.target, s.op, s.domain, s.body / leaf(s.leaves.index(self.operand)), s.leaves)

    def called_as(self, first: _Product) -> _Product:
        """The same product with the names that another one with the same key has for its indices."""
        names = {role: n for n, role in first.roles.items()}
        return _Product(renamed(self.statement, {n: names[role] for n, role in self.roles.items()}), first.operand)


# --- sums of operands ------------------------------------------------------------------------------


class _Sum:
    """The sum of what a common operand is multiplied with: that of `products`, and numbers on a diagonal for `ones`."""

    def __init__(self, products: Sequence[_Product], ones: Sequence[tuple[sp.Expr, str]]) -> None:
        self.first = products[0]
        self.others = [p.called_as(self.first).other for p in products]
        self.indices = frozenset[str]().union(*(indices_of(o.body, o) for o in self.others))
        self.ones = ones

    @property
    def pays(self) -> bool:
        """Whether it is cheaper to add operands than to multiply by each, and to add what that gives."""
        s, products = self.first.statement, len(self.others)
        if products + len(self.ones) < 2 or self.indices == set(s.extents):
            return False
        add, add_operand = (2 * ARITHMETIC * volume(names, s.extents) for names in (frozenset(s.free), self.indices))
        product = 2 * volume(frozenset(s.extents), s.extents) / OPERATIONS
        before = (products - 1) * (product + add) + len(self.ones) * add
        return bool(COMMON_OPERAND(before, max(1, products - 1) * add_operand))  # a single one is copied

    @property
    def place(self) -> Access:
        """Where the product reads the sum, whose tensor has no name yet: its dimensions are those of an operand."""
        plain = (a.plain for a in self.others[0].leaves if a.plain is not None and set(a.plain) == self.indices)
        order = next(plain, self.first.statement.extents)
        return Access("", tuple(Affine.index(n) for n in order if n in self.indices))

    def statements(self) -> tuple[sp.Expr, list[Statement]]:
        """A number that goes to the product, and the statements of the rest."""
        s, place = self.first.statement, self.place
        domain = tuple((n, s.extents[n]) for n in place.indices)
        total = added([statement(place, "+", domain, o.body, o.leaves) for o in self.others])
        if not self.ones:
            number, body = total.body.primitive()
            return number, [statement(place, "=", domain, body, total.leaves)]
        (summed,) = s.reduced
        found = [total]
        for factor, index in self.ones:
            rest = tuple((n, extent) for n, extent in domain if n != summed)
            found.append(statement(place.substitute({summed: Affine.index(index)}), "+", rest, factor, ()))
        return sp.S.One, found


class _Common:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.looping = looping_tensors(program)
        self.tensors = dict(program.tensors)
        self.known: dict[Key, str] = {}  # the sums of operands that there are already
        self.gone: set[str] = set()

    def run(self) -> Program:
        """The program with all groups of products taken together."""
        instead: dict[str, list[Statement]] = {}
        for name in reversed(tuple(self.program.writers)):  # a sum comes before what it may take in
            found = [] if name in self.gone else self.taken_together(name)
            if found or name in self.gone:
                instead[name] = found
        if not instead:
            return self.program
        out: list[Statement] = []
        for s in self.program.statements:
            out += instead.get(s.target.tensor, [s])
            if s.target.tensor in instead:
                instead[s.target.tensor] = []
        return ordered(replace(self.program, tensors=self.tensors, statements=tuple(out)))

    # --- what is added up ---

    def terms(self, name: str, opened: Callable[[str], bool]) -> Iterator[_Term]:
        """What is added up in a tensor, with the terms of those that only it reads and that are `opened`."""
        pending = [_Term(s) for s in reversed(self.program.writers[name])]
        while pending:
            term = pending.pop()
            parts = self.parts(term, opened)
            pending += reversed(parts)
            if not parts:
                yield term

    def parts(self, term: _Term, opened: Callable[[str], bool]) -> list[_Term]:
        """The terms that one is the sum of; none where it is no sum."""
        s = term.statement
        if not self.is_elementwise(s):
            return []
        args = sp.Add.make_args(s.body)
        if len(args) > 1:
            return [replace(term, statement=statement(s.target, "+", s.domain, arg, s.leaves)) for arg in args]
        number, symbol = s.body.as_coeff_Mul()
        access = s.leaf_of(symbol) if symbol.is_Symbol else None
        if access is None or not self.is_taken_in(access, s) or not opened(access.tensor):
            return []
        held = (*term.held, access.tensor)
        return [_Term(_multiple(w, s, access, number), held) for w in self.program.writers[access.tensor]]

    def is_elementwise(self, s: Statement) -> bool:
        return s.op in ("=", "+") and not s.reduced and not s.guards and whole(s, self.program.tensors)

    def is_taken_in(self, access: Access, s: Statement) -> bool:
        """Whether an access reads all of a sum that nobody else reads."""
        name, plain = access.tensor, access.plain or ()
        if name in self.looping or name in self.gone or single_reader(self.program, name) is None:
            return False
        if access.default is not None or set(plain) != set(s.extents) or name not in self.program.writers:
            return False
        full = tuple(s.extents[n] for n in plain) == self.tensors[name].extents
        return full and all(w.op in ("=", "+") for w in self.program.writers[name])

    # --- products ---

    def taken_together(self, name: str) -> list[Statement]:
        """The statements that give a tensor with fewer products; none where that cannot be."""
        left = list(self.terms(name, lambda _: True))
        made, used = list[Statement](), list[_Term]()
        for group in self.groups(left) if len(left) > 1 else ():
            products = [(t, p) for t, p in group if t in left]
            found = [(t, one) for t in left if products and (one := _identity(t.statement, products[0][1])) is not None]
            total = _Sum([p for _, p in products], [one for _, one in found]) if products else None
            if total is not None and total.pays:
                made += self.product(total)
                used += [t for t, _ in (*products, *found)]
                left = [t for t in left if t not in used]
        if not made:
            return []
        opened = {held for term in used for held in term.held}
        gone = [term.statement for term in used]
        rest = [t.statement for t in self.terms(name, opened.__contains__) if t.statement not in gone]
        self.gone |= opened
        elementwise = [s for s in rest if self.is_elementwise(s)]
        others = [replace(s, op="+") for s in rest if not self.is_elementwise(s)]
        return [*made, *others, *([added(elementwise)] if elementwise else [])]

    def groups(self, terms: Sequence[_Term]) -> list[list[tuple[_Term, _Product]]]:
        """The products with a common operand, the largest group first."""
        found: dict[Key, list[tuple[_Term, _Product]]] = {}
        for term in terms:
            for product in {p.key: p for p in self.products(term.statement)}.values():
                found.setdefault(product.key, []).append((term, product))
        return sorted(found.values(), key=len, reverse=True)

    def products(self, s: Statement) -> Iterator[_Product]:
        """A term as a product, once for each operand that can be a common one: it has all that is summed, and once."""
        if not is_contraction(s) or s.guards or not whole(s, self.program.tensors):
            return
        powers = s.body.as_powers_dict()
        for k, access in enumerate(s.leaves):
            others = {name for a in s.leaves if a is not access for name in a.tensors}
            if powers.get(leaf(k)) == 1 and set(s.reduced) <= set(access.indices) and not others & self.looping:
                yield _Product(s, access)

    def product(self, total: _Sum) -> list[Statement]:
        """The statements of a sum of operands, where there are none yet, and of the product with it."""
        first, place = total.first, total.place
        number, sums = total.statements()
        key = tuple(map(statement_key, sums))
        known = self.known.get(key)
        name = known or fresh_name(f"{min(o.leaves[0].tensor for o in total.others)}_sum", self.tensors)
        self.known[key] = name
        s = first.statement
        self.tensors.setdefault(name, Tensor(name, tuple(s.extents[n] for n in place.indices), "value"))
        leaves = {leaf(0): first.operand, leaf(1): replace(place, tensor=name)}
        made = statement(s.target, "+", s.domain, number * leaf(0) * leaf(1), leaves, (), s.origin)
        return [*(replace(x, target=replace(x.target, tensor=name)) for x in sums if known is None), made]


def _multiple(w: Statement, s: Statement, access: Access, number: sp.Expr) -> Statement:
    """A statement of a tensor as one that adds a multiple to the tensor that `s` gives, which reads it by `access`."""
    by_index = dict(zip(access.plain or (), w.target.places, strict=True))
    target = replace(s.target, places=tuple(by_index[n] for n in s.target.plain or ()))
    return statement(target, "+", w.domain, number * w.body, w.leaves, w.guards, w.origin)


def _identity(s: Statement, product: _Product) -> tuple[sp.Expr, str] | None:
    """A term as a number times the operand of a product: the number, and the index that takes the place of the summed.

    None where it is another one.
    """
    own, operand = product.statement, product.operand
    number, symbol = s.body.as_coeff_Mul()
    if s.reduced or s.guards or symbol != leaf(0) or s.leaves[0].tensor != operand.tensor or s.target.plain is None:
        return None
    if len(own.reduced) != 1:
        return None
    (summed,) = own.reduced
    access = renamed(s, dict(zip(s.target.plain, own.target.plain or (), strict=True))).leaves[0]
    other = indices_of(product.other.body, product.other)
    for n in own.free:
        square = own.extents[n] == own.extents[summed] and n in other and n not in operand.indices
        if square and access == operand.substitute({summed: Affine.index(n)}):
            return number, n
    return None
