"""Network -> Program: every equation becomes statements, every reduction a statement of its own.

A sum of products of tensors becomes one statement per product (a contraction), so that each can be planned,
differentiated and hoisted out of a loop by itself; factors that do not depend on the bound indices are pulled out of a
sum. Constant factors stay inside: `mean(n: e)` is `sum(n: e/N)`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, lru_cache

import sympy as sp

from symnet.errors import SpecError
from symnet.ir.affine import Affine
from symnet.ir.functions import IMPROPER, INFINITY, OPERATIONS, beyond_doubles, both, le, lt, max2, proper, where
from symnet.ir.program import (
    Access,
    Indirect,
    Place,
    Program,
    Statement,
    Tensor,
    always,
    fresh_name,
    in_range,
    index_expression,
    index_symbol,
    leaf,
    size_expression,
    statement,
)
from symnet.language.extents import Extent
from symnet.language.network import Equation, Expr, Index, Infinity, Network, Num, Reduce, Ref, Size
from symnet.passes.affine_formulas import as_guards, conjuncts, plain_number, to_affine
from symnet.passes.order import ordered
from symnet.passes.repeated import Key, repeated
from symnet.passes.units import without_units

# SymPy would calculate with inf as with a number, and make 0 of inf - inf.
ARITHMETIC = frozenset(("add", "sub", "mul", "div", "pow", "mod", "floordiv"))

# Bodies stay small, for a derivative is as long as what it is taken of, once for each leaf: large ones are cut.
LARGEST = 30
MOST_FACTORS = 8
LINEAR = frozenset(("add", "sub", "neg"))

# What a point that a filter excludes contributes to a reduction.
NEUTRAL = {
    "sum": sp.S.Zero,
    "prod": sp.S.One,
    "max": -INFINITY,
    "min": INFINITY,
    "argmax": -INFINITY,
    "argmin": INFINITY,
}
OPS = {"sum": "+", "prod": "prod", "max": "max", "min": "min", "argmax": "argmax", "argmin": "argmin"}

Box = tuple[tuple[str, Extent], ...]


def lower(network: Network, results: Iterable[str]) -> Program:
    """The program that calculates the tensors named in `results`, and nothing else."""
    lowering = _Lowering(
        network,
        {
            name: Tensor(name, d.extents, d.role, d.integer, d.bound, d.sampler, d.frozen)
            for name, d in network.tensors.items()
        },
    )
    for equation in network.equations:
        _EquationLowering(lowering, without_units(equation)).run()
    program = Program(lowering.tensors, tuple(lowering.statements), tuple(results), network.sizes, network.conditions)
    return ordered(program)


@dataclass
class _Lowering:
    """What is shared by the equations of a network: the tensors and statements so far."""

    network: Network
    tensors: dict[str, Tensor]
    statements: list[Statement] = field(default_factory=list)

    @cached_property
    def equations_of(self) -> Counter[str]:
        """How many equations write a tensor."""
        return Counter(equation.target for equation in self.network.equations)

    def new_tensor(self, stem: str, box: Box, integer: bool = False) -> Tensor:
        """A new value over a box, under a free name."""
        tensor = Tensor(fresh_name(stem, self.tensors), tuple(e for _, e in box), "value", integer)
        self.tensors[tensor.name] = tensor
        return tensor


class _EquationLowering:
    """The lowering of one equation. `leaves` maps the symbols that stand in its formulas to accesses."""

    def __init__(self, lowering: _Lowering, equation: Equation) -> None:
        self.lowering = lowering
        self.equation = equation
        self.extents: dict[str, Extent] = dict(equation.indices)
        self.leaves: dict[sp.Symbol, Access] = {}
        self.symbols: dict[Access, sp.Symbol] = {}
        self.statements: list[Statement] = []
        self.made: dict[sp.Symbol, list[Statement]] = {}  # reductions of this equation by the leaf that reads them
        self.repeated = repeated(equation.value)
        self.known: dict[Key, sp.Expr] = {}  # repeated parts that are named by now

    def run(self) -> None:
        """Append the statements of the equation."""
        equation = self.equation
        places = tuple(
            self.place(e, extent) for e, extent in zip(equation.places, self.shape(equation.target), strict=True)
        )
        target = Access(equation.target, tuple(p for p, _ in places))
        body = self.formula(equation.value)
        op = "+" if equation.scatter else "="
        if equation.scatter or not self.accumulate(target, equation.indices, body):
            self.emit(statement(target, op, equation.indices, body, self.leaves, origin="forward"))
        self.lowering.statements += self.statements

    def accumulate(self, target: Access, box: Box, body: sp.Expr) -> bool:
        """`y = b + sum(...)` or `y = max(...)`: let the reductions write the target itself, so that no copy is made."""
        terms = sp.Add.make_args(body)
        sums = [t for t in terms if self.reduces_to_target(t, box, body)]
        alone = self.lowering.equations_of[target.tensor] <= 1
        sums = [t for t in sums if self.made[t][0].op == "+" or (t == body and alone)]
        if not sums:
            return False
        for term in sums:
            for part in self.made.pop(term):
                self.statements.remove(part)
                self.emit(statement(target, part.op, part.domain, part.body, part.leaves, part.guards, part.origin))
            del self.lowering.tensors[self.leaves[term].tensor]
        rest = sp.Add(*(t for t in terms if t not in sums))
        if rest != 0:
            self.emit(statement(target, "+", box, rest, self.leaves, origin="forward"))
        return True

    def reduces_to_target(self, term: sp.Expr, box: Box, body: sp.Expr) -> bool:
        """Whether a term is a reduction of this equation with all indices of the target, used nowhere else in it."""
        if term not in self.made or term in self.known.values():
            return False
        if set(self.leaves[term].indices) != {name for name, _ in box}:
            return False
        return int(body.count(term)) == 1

    def emit(self, s: Statement) -> None:
        self.statements.append(s)

    def shape(self, tensor: str) -> tuple[Extent, ...]:
        return self.lowering.tensors[tensor].extents

    # --- formulas ---

    def formula(self, e: Expr) -> sp.Expr:
        """The SymPy expression of a formula, over the symbols of `leaves`."""
        key = self.repeated.get(id(e))
        if key is None:
            return self.value(e)
        if key not in self.known:
            value = self.value(e)
            self.known[key] = value if value in self.leaves else self.named(value)
        return self.known[key]

    def value(self, e: Expr) -> sp.Expr:
        """The same, calculated anew."""
        if isinstance(e, Num):
            return sp.Rational(e.value.numerator, e.value.denominator)
        if isinstance(e, Infinity):
            return INFINITY
        if isinstance(e, Index):
            return index_symbol(e.name)
        if isinstance(e, Size):
            return size_expression(e.extent)
        if isinstance(e, Ref):
            return self.read(e)
        if isinstance(e, Reduce):
            return self.reduce(e)
        args = [self.formula(a) for a in e.args]
        if e.name in ARITHMETIC and any(a in (INFINITY, -INFINITY) for a in args):
            hint = "inf stands in where(...), max, min, comparisons and after else"
            raise SpecError("inf takes no part in arithmetic", self.equation.place, hint=hint)
        if e.name not in LINEAR:
            args = [self.named(a) if is_heavy(a) else a for a in args]
        body = proper(OPERATIONS[e.name](*args))
        if body.has(*IMPROPER):
            raise SpecError(
                f"this formula has no real value: {OPERATION_TROUBLE.get(e.name, e.name)}", self.equation.place
            )
        if beyond_doubles(body):
            raise SpecError("this formula holds a number beyond floating point", self.equation.place)
        return body

    def leaf(self, access: Access) -> sp.Symbol:
        """The symbol that stands for an access in the formulas of this equation."""
        if access not in self.symbols:
            symbol = leaf(len(self.leaves))
            self.symbols[access] = symbol
            self.leaves[symbol] = access
        return self.symbols[access]

    def read(self, e: Ref) -> sp.Expr:
        extents = self.shape(e.tensor)
        placed = [self.place(i, extent, e.checked) for i, extent in zip(e.indices, extents, strict=True)]
        places = tuple(p for p, _ in placed)
        if e.default is None:
            return self.leaf(Access(e.tensor, places))
        number = plain_number(e.default)
        if number is not None and all(isinstance(p, Affine) for p in places):
            return self.leaf(Access(e.tensor, places, number))
        # Another default, or an indirect access: the condition says where the read is in range, and the read itself is
        # made harmless outside.
        affine = all(isinstance(p, Affine) for p in places)
        inside: sp.Expr = sp.S.One
        safe: list[Place] = []
        for (place, value), extent in zip(placed, extents, strict=True):
            if isinstance(place, Affine) and all(always(guard, self.extents) for guard in in_range(place, extent)):
                safe.append(place)
                continue
            inside = both(both(le(0, value), lt(value, size_expression(extent))), inside)
            safe.append(place if affine else self.clamped(value, extent))
        harmless = self.leaf(Access(e.tensor, tuple(safe), Fraction(0) if affine else None))
        return where(inside, harmless, self.formula(e.default))

    def clamped(self, value: sp.Expr, extent: Extent) -> Indirect:
        last = size_expression(extent - 1)
        safe = max2(0, OPERATIONS["min2"](value, last))
        return self.integer_value(safe, checked=False)

    # --- places ---

    def place(self, e: Expr, extent: Extent, checked: bool = True) -> tuple[Place, sp.Expr]:
        """An index expression as a place, and its value as a formula."""
        affine = to_affine(e)
        if affine is not None:
            return affine, index_expression(affine)
        value = self.formula(e)
        if isinstance(e, Ref) and value in self.leaves:
            access = self.leaves[value]
            if access.default is None and all(isinstance(p, Affine) for p in access.places):
                return Indirect(access.tensor, tuple(p for p in access.places if isinstance(p, Affine)), checked), value
        return self.integer_value(value, checked), value

    def integer_value(self, value: sp.Expr, checked: bool) -> Indirect:
        """A new integer tensor that holds an index expression that is not affine."""
        box = self.box_of(value)
        tensor = self.lowering.new_tensor(f"{self.equation.target}_index", box, integer=True)
        names = tuple(Affine.index(name) for name, _ in box)
        self.emit(statement(Access(tensor.name, names), "=", box, value, self.leaves, origin="forward"))
        return Indirect(tensor.name, names, checked)

    def indices_of(self, body: sp.Expr) -> set[str]:
        """The indices that a formula depends on, through its leaves too."""
        found: set[str] = set()
        for symbol in body.free_symbols:
            if symbol in self.leaves:
                found |= set(self.leaves[symbol].indices)
            elif symbol.name in self.extents and symbol == index_symbol(symbol.name):
                found.add(symbol.name)
        return found

    def box_of(self, body: sp.Expr, without: Iterable[str] = ()) -> Box:
        """The box of the indices that a formula depends on, in the order of the equation, the bound ones last."""
        used = self.indices_of(body) - set(without)
        return tuple((name, extent) for name, extent in self.extents.items() if name in used)

    # --- reductions ---

    def reduce(self, e: Reduce) -> sp.Expr:
        self.extents.update(dict(e.binders))
        guards, condition = self.filters(e.condition)
        body = self.formula(e.body)
        if e.op == "mean":
            return self.mean(e, guards, condition, body)
        if e.op == "sum":
            return self.sum(e.binders, guards, body if condition == 1 else where(condition, body, 0))
        if condition != 1:
            body = where(condition, body, NEUTRAL[e.op])
        return self.fold(e, guards, body)

    def filters(self, condition: Expr | None) -> tuple[tuple[Affine, ...], sp.Expr]:
        """A filter as guards, where it compares affine indices, and a condition for the rest."""
        guards: list[Affine] = []
        rest: sp.Expr = sp.S.One
        for part in conjuncts(condition):
            guard = as_guards(part)
            guards += guard or ()
            rest = rest if guard else both(rest, self.formula(part))
        return tuple(guards), rest

    def mean(self, e: Reduce, guards: tuple[Affine, ...], condition: sp.Expr, body: sp.Expr) -> sp.Expr:
        if not guards and condition == 1:
            count = Extent.of(1)
            for _, extent in e.binders:
                count = count * extent
            # Over nothing, as t: 1..T where T is 1, the mean is 0 and not 0/0.
            size = size_expression(count)
            return self.sum(e.binders, (), body / (size if count.at_least(1) else max2(size, 1)))
        counted = self.sum(e.binders, guards, condition if condition == 1 else where(condition, 1, 0))
        return self.sum(e.binders, guards, where(condition, body, 0)) / max2(counted, 1)

    def fold(self, e: Reduce, guards: tuple[Affine, ...], body: sp.Expr) -> sp.Expr:
        """max, min, prod, argmax, argmin: one statement over all bound indices."""
        guarded = {name for guard in guards for name in guard.indices}
        bound = {name for name, _ in e.binders}
        used = (self.indices_of(body) | guarded) - bound
        free = tuple((n, x) for n, x in self.extents.items() if n in used)
        tensor = self.lowering.new_tensor(f"{self.equation.target}_{e.op}", free, integer=e.op.startswith("arg"))
        target = Access(tensor.name, tuple(Affine.index(n) for n, _ in free))
        part = statement(target, OPS[e.op], free + e.binders, body, self.leaves, guards, origin="forward")
        self.emit(part)
        symbol = self.leaf(target)
        self.made[symbol] = [part]
        return symbol

    def sum(self, binders: Box, guards: tuple[Affine, ...], body: sp.Expr) -> sp.Expr:
        """The sum of a formula: terms apart where one is a contraction, factors that are not bound outside."""
        if body == 0:
            return sp.S.Zero
        parts: dict[sp.Expr, list[sp.Expr]] = {}
        for term in self.terms(body, {name for name, _ in binders}):
            outer, inner = self.split(term, {name for name, _ in binders})
            parts.setdefault(outer, []).append(inner)
        return sp.Add(*(outer * self.sum_of_terms(binders, guards, inner) for outer, inner in parts.items()))

    def terms(self, body: sp.Expr, bound: set[str]) -> tuple[sp.Expr, ...]:
        terms = sp.Add.make_args(body)
        everything = self.indices_of(body)
        if len(terms) > 1 and any(
            self.indices_of(t) != everything or self.is_contraction(t, everything) for t in terms
        ):
            return tuple(sorted(terms, key=self.order_key))
        return (body,)

    def order_key(self, term: sp.Expr) -> tuple[str, ...]:
        return tuple(sorted(str(self.leaves[s]) for s in term.free_symbols if s in self.leaves))

    def is_contraction(self, term: sp.Expr, everything: set[str]) -> bool:
        factors = [f for f in sp.Mul.make_args(term) if f.free_symbols & self.leaves.keys()]
        return len(factors) > 1 and all(self.indices_of(f) != everything for f in factors)

    def split(self, term: sp.Expr, bound: set[str]) -> tuple[sp.Expr, sp.Expr]:
        """(factors without bound indices, the rest); constants stay inside."""
        outer, inner = sp.S.One, sp.S.One
        for factor in sp.Mul.make_args(term):
            depends = self.indices_of(factor)
            if depends & bound or not (factor.free_symbols & self.leaves.keys() or depends):
                inner = inner * factor
            else:
                outer = outer * factor
        return outer, inner

    def sum_of_terms(self, binders: Box, guards: tuple[Affine, ...], terms: list[sp.Expr]) -> sp.Expr:
        guarded = {name for guard in guards for name in guard.indices}
        bound = {name for name, _ in binders}
        used = {n for t in terms for n in self.indices_of(t)} | guarded
        # An index that nothing depends on only counts.
        count = Extent.of(1)
        for name, extent in binders:
            if name not in used:
                count = count * extent
        terms = [t * size_expression(count) for t in terms]
        kept = tuple((n, x) for n, x in binders if n in used)
        if not kept and not guards:
            return sp.Add(*terms)
        free = tuple((n, x) for n, x in self.extents.items() if n in used - bound)
        tensor = self.lowering.new_tensor(f"{self.equation.target}_sum", free)
        target = Access(tensor.name, tuple(Affine.index(n) for n, _ in free))
        symbol = self.leaf(target)
        self.made[symbol] = []
        for term in terms:
            body = self.plain_factors(term, used)
            part = statement(target, "+", free + kept, body, self.leaves, guards, origin="forward")
            self.made[symbol].append(part)
            self.emit(part)
        return symbol

    def plain_factors(self, term: sp.Expr, everything: set[str]) -> sp.Expr:
        """Name the factors of a contraction that are no plain tensors, so that it is a product of tensors."""
        if not self.is_contraction(term, everything):
            return term
        product = sp.S.One
        for factor in sp.Mul.make_args(term):
            atomic = factor in self.leaves or not factor.free_symbols & self.leaves.keys()
            product = product * (factor if atomic else self.named(factor))
        return product

    def named(self, body: sp.Expr) -> sp.Symbol:
        """A leaf that reads a new tensor with this value."""
        box = self.box_of(body)
        tensor = self.lowering.new_tensor(f"{self.equation.target}_part", box)
        target = Access(tensor.name, tuple(Affine.index(n) for n, _ in box))
        if not self.accumulate(target, box, body):
            self.emit(statement(target, "=", box, body, self.leaves, origin="forward"))
        return self.leaf(target)


def is_heavy(e: sp.Expr) -> bool:
    """Whether a formula is to be cut off before something that is not linear is made of it."""
    return size_of(e) >= LARGEST or (isinstance(e, sp.Mul) and len(e.args) >= MOST_FACTORS)


@lru_cache(maxsize=4096)
def size_of(e: sp.Expr) -> int:
    """How many nodes the tree of a formula has."""
    return 1 + sum(map(size_of, e.args))


OPERATION_TROUBLE = {
    "div": "it divides by zero",
    "log": "it takes the logarithm of a number that is not positive",
    "sqrt": "it takes the square root of a negative number",
    "pow": "it raises a number to a power that is not real",
}
