"""The program: what a network is made of once it is lowered, and what every pass takes and gives.

    Program    = tensors, statements in order, results
    Statement  = for all d in D:  target[g(d)]  op=  body(leaf0[h0(d)], leaf1[h1(d)], ...)
    D          = a box of indices with extents, cut by guards (affine >= 0)
    g, h       = Place per dimension: Affine, or Indirect (the value of an integer tensor)
    op         = "=" | "+" | "max" | "min" | "prod" | "argmax" | "argmin"
    body       = a SymPy expression over leaf(0), leaf(1), ..., index symbols, size symbols and numbers

Indices of D that g does not mention are reduced. `=` reduces nothing and hits every element once. `+` starts from 0,
or from what earlier statements gave the tensor; `prod` from 1, `max` from -inf, `min` from inf. `argmax` and `argmin`
give the row-major joined position over the reduced indices, in the order of D, of the first extreme value.

A tensor may have several statements (disjoint ranges; a base value and scatters; the contributions to an adjoint). It
is complete, and may be read, after the last of them, except that a recurrence reads its own earlier elements.

Everything is immutable. Order is the order of the tuples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, cached_property, lru_cache

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.functions import floordiv, proper
from symnet.language.extents import Extent
from symnet.language.network import Condition, Sampler
from symnet.markup import listing

Op = str
REDUCTIONS = ("+", "max", "min", "prod", "argmax", "argmin")

# --- symbols ---------------------------------------------------------------------------------------


@cache
def leaf(number: int) -> sp.Symbol:
    """The symbol of a statement's leaf with this number. Its name is no identifier of the language."""
    return sp.Symbol(f"_{number}", real=True)


@cache
def index_symbol(name: str) -> sp.Symbol:
    """The symbol that stands for the value of an index in a body."""
    return sp.Symbol(name, integer=True)


@cache
def size_symbol(name: str) -> sp.Symbol:
    """The symbol that stands for a size in a body. Sizes and indices never share a name."""
    return sp.Symbol(name, integer=True, positive=True)


def leaf_number(symbol: sp.Symbol) -> int | None:
    """The number of a leaf's symbol, None for any other symbol."""
    return int(symbol.name[1:]) if symbol.name.startswith("_") else None


@lru_cache(maxsize=100_000)
def symbols_of(body: sp.Expr) -> frozenset[sp.Symbol]:
    """The symbols of an expression: leaves, indices and sizes."""
    return frozenset(body.free_symbols)


@lru_cache(maxsize=100_000)
def numbered(body: sp.Expr, leaves: tuple[tuple[sp.Symbol, int], ...]) -> sp.Expr:
    """The body with these symbols as leaves of these numbers, made of functions of the IR alone."""
    return proper(body.xreplace({symbol: leaf(number) for symbol, number in leaves}))


# --- accesses --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Indirect:
    """An index that is the value of an integer tensor. `checked`: its range is tested at run time."""

    tensor: str
    indices: tuple[Affine, ...]
    checked: bool = True

    def substitute(self, indices: Mapping[str, Affine]) -> Indirect:
        """The same with affine expressions in the place of indices."""
        return replace(self, indices=tuple(place.substitute(indices) for place in self.indices))

    def renamed(self, tensors: Mapping[str, str]) -> Indirect:
        """The same with other names for tensors."""
        return replace(self, tensor=tensors.get(self.tensor, self.tensor))

    def called(self, names: Mapping[str, str]) -> str:
        """Its text with other names for its indices."""
        return f"{self.tensor}[{', '.join(place.called(names) for place in self.indices)}]"

    def __str__(self) -> str:
        return f"{self.tensor}[{', '.join(map(str, self.indices))}]" if self.indices else self.tensor


Place = Affine | Indirect


@dataclass(frozen=True)
class Access:
    """`tensor[places]`. `default` is the value outside of the tensor's range; None where that cannot happen."""

    tensor: str
    places: tuple[Place, ...] = ()
    default: Fraction | float | None = None

    @cached_property
    def indices(self) -> tuple[str, ...]:
        """The indices it depends on, in order of first use."""
        found: dict[str, None] = {}
        for place in self.places:
            for affine in place.indices if isinstance(place, Indirect) else (place,):
                found.update(dict.fromkeys(affine.indices))
        return tuple(found)

    @cached_property
    def tensors(self) -> tuple[str, ...]:
        """The tensor and those that its indirect places read."""
        return (self.tensor, *(place.tensor for place in self.places if isinstance(place, Indirect)))

    @cached_property
    def plain(self) -> tuple[str, ...] | None:
        """The index names if every place is a single index and all are different, else None."""
        names = [place.plain if isinstance(place, Affine) else None for place in self.places]
        known = tuple(name for name in names if name is not None)
        return known if len(set(known)) == len(names) else None

    def substitute(self, indices: Mapping[str, Affine]) -> Access:
        """The same with affine expressions in the place of indices."""
        return replace(self, places=tuple(place.substitute(indices) for place in self.places))

    def renamed(self, tensors: Mapping[str, str]) -> Access:
        """The same with other names for tensors."""
        if tensors.keys().isdisjoint(self.tensors):
            return self
        places = tuple(p.renamed(tensors) if isinstance(p, Indirect) else p for p in self.places)
        return replace(self, tensor=tensors.get(self.tensor, self.tensor), places=places)

    def called(self, names: Mapping[str, str]) -> str:
        """Its text with other names for its indices."""
        text = f"{self.tensor}[{', '.join(place.called(names) for place in self.places)}]"
        return text if self.default is None else f"{text} else {self.default}"

    def __str__(self) -> str:
        return self._text

    @cached_property
    def _text(self) -> str:
        text = f"{self.tensor}[{', '.join(map(str, self.places))}]" if self.places else self.tensor
        return text if self.default is None else f"({text} else {self.default})"


# --- statements ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Statement:
    """One equation of a program: see the head of this file. Make one with `statement`, which puts it in normal form.

    `origin` says in words where it comes from ("forward", or the rule that gave it), for derivations and listings.
    """

    target: Access
    op: Op
    domain: tuple[tuple[str, Extent], ...]
    guards: tuple[Affine, ...]
    leaves: tuple[Access, ...]
    body: sp.Expr
    origin: str = field(default="", compare=False)

    @cached_property
    def notes(self) -> dict[object, object]:
        """What passes have found out about the statement alone, for the next one that asks: keys, for instance."""
        return {}

    @cached_property
    def extents(self) -> dict[str, Extent]:
        """Index name to extent."""
        return dict(self.domain)

    @cached_property
    def free(self) -> tuple[str, ...]:
        """The indices of D that the target mentions, in the order of D."""
        used = set(self.target.indices)
        return tuple(name for name, _ in self.domain if name in used)

    @cached_property
    def reduced(self) -> tuple[str, ...]:
        """The indices of D that are reduced, in the order of D."""
        used = set(self.target.indices)
        return tuple(name for name, _ in self.domain if name not in used)

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """The tensors it reads, in order of first use, without repetition."""
        found: dict[str, None] = {}
        for access in self.leaves:
            found.update(dict.fromkeys(access.tensors))
        found.update(dict.fromkeys(self.target.tensors[1:]))
        return tuple(found)

    def renamed(self, tensors: Mapping[str, str]) -> Statement:
        """The same with other names for tensors. The leaves keep their numbers."""
        target, leaves = self.target.renamed(tensors), tuple(access.renamed(tensors) for access in self.leaves)
        unchanged = target is self.target and all(a is b for a, b in zip(leaves, self.leaves, strict=True))
        return self if unchanged else replace(self, target=target, leaves=leaves)

    def leaf_of(self, symbol: sp.Symbol) -> Access | None:
        """The access that a symbol of the body stands for, None for an index or a size."""
        number = leaf_number(symbol)
        return None if number is None else self.leaves[number]


def statement(
    target: Access,
    op: Op,
    domain: tuple[tuple[str, Extent], ...],
    body: sp.Expr,
    leaves: Mapping[sp.Symbol, Access] | tuple[Access, ...],
    guards: tuple[Affine, ...] = (),
    origin: str = "",
) -> Statement:
    """A statement in normal form: leaves that the body does not use are dropped, equal ones merged, and the rest
    numbered by tensor and places; indices of extent 1 are kept, guards that always hold are dropped.

    `leaves` maps any symbols of the body to accesses, or is the tuple for leaf(0), leaf(1), ...
    """
    table = {leaf(k): access for k, access in enumerate(leaves)} if isinstance(leaves, tuple) else dict(leaves)
    symbols = symbols_of(body)
    used = [(symbol, access) for symbol, access in table.items() if symbol in symbols]
    distinct = sorted({access: None for _, access in used}, key=str)
    number = {access: k for k, access in enumerate(distinct)}
    body = numbered(body, tuple((symbol, number[access]) for symbol, access in used))
    if len(distinct) < len(used) and not all(leaf(k) in symbols_of(body) for k in range(len(distinct))):
        # Equal reads have cancelled each other: x[i] - x[i].
        return statement(target, op, domain, body, tuple(distinct), guards, origin)
    extents = dict(domain)
    kept = tuple(dict.fromkeys(guard for guard in guards if not always(guard, extents)))
    return Statement(target, op, domain, kept, tuple(distinct), body, origin)


def always(guard: Affine, extents: Mapping[str, Extent]) -> bool:
    """Whether a guard is proved to hold on the whole box."""
    bounds = guard.bounds(extents)
    return bounds is not None and bounds[0].at_least(0)


def in_range(place: Affine, extent: Extent) -> tuple[Affine, Affine]:
    """The two guards that say 0 <= place < extent."""
    return place, Affine.of(extent - 1) - place


# --- tensors and programs --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of a program.

    role    input | param | state | random | value | adjoint | tangent
    bound   for an integer input: its values are 0..bound-1
    of      for an adjoint or a tangent: the tensor whose adjoint or tangent it is
    by      for a tangent in all directions at once: the tensor that moves, whose dimensions come behind those of `of`
    again   for a value that is calculated a second time: the tensor that held it before
    """

    name: str
    extents: tuple[Extent, ...]
    role: str
    integer: bool = False
    bound: Extent | None = None
    sampler: Sampler | None = None
    frozen: bool = False
    of: str = ""
    by: str = ""
    again: str = ""

    @property
    def given(self) -> bool:
        """Whether its values come from outside of the program."""
        return self.role in ("input", "param", "state", "random")

    @property
    def derived(self) -> bool:
        """Whether it is a derivative: a name of the compiler's, which any formula may be put in the place of."""
        return self.role in ("adjoint", "tangent")


@dataclass(frozen=True)
class Program:
    """Tensors by name, statements in order, and the names of the tensors that are wanted.

    sizes       the sizes known only at run time
    conditions  relations between extents that are tested when arrays arrive
    """

    tensors: Mapping[str, Tensor]
    statements: tuple[Statement, ...]
    results: tuple[str, ...]
    sizes: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()

    @cached_property
    def notes(self) -> dict[object, object]:
        """What has been found out about the program as a whole, for the next one that asks: its recurrences."""
        return {}

    @cached_property
    def wanted(self) -> frozenset[str]:
        """The results, to ask whether a tensor is one: a network has as many as it has parameters."""
        return frozenset(self.results)

    @cached_property
    def writers(self) -> dict[str, tuple[Statement, ...]]:
        """Tensor name to the statements that write it, in order."""
        found: dict[str, list[Statement]] = {}
        for s in self.statements:
            found.setdefault(s.target.tensor, []).append(s)
        return {name: tuple(written) for name, written in found.items()}

    @cached_property
    def readers(self) -> dict[str, tuple[Statement, ...]]:
        """Tensor name to the statements that read it, in order."""
        found: dict[str, list[Statement]] = {}
        for s in self.statements:
            for name in s.reads:
                found.setdefault(name, []).append(s)
        return {name: tuple(reading) for name, reading in found.items()}

    def same_as(self, other: Program) -> bool:
        """Whether two programs are made of the very same parts, in the same order."""
        parts = zip(self.statements, other.statements, strict=False)
        return (
            len(self.statements) == len(other.statements)
            and all(one is another for one, another in parts)
            and tuple(self.tensors.items()) == tuple(other.tensors.items())
            and (self.results, self.sizes, self.conditions) == (other.results, other.sizes, other.conditions)
        )

    def _repr_html_(self) -> str:
        from symnet.ir.show import show

        return listing("", show(self))

    def with_statements(self, statements: tuple[Statement, ...]) -> Program:
        """The same program with other statements."""
        return replace(self, statements=statements)

    def map(self, change: Callable[[Statement], Statement]) -> Program:
        """The same program with every statement changed."""
        return self.with_statements(tuple(change(s) for s in self.statements))

    def fresh(self, stem: str) -> str:
        """A tensor name that is not taken: the stem, or the stem with a number."""
        return fresh_name(stem, self.tensors)


def fresh_name(stem: str, taken: Mapping[str, object]) -> str:
    """`stem` if it is not taken, else stem2, stem3, ..."""
    if stem not in taken:
        return stem
    number = 2
    while f"{stem}{number}" in taken:
        number += 1
    return f"{stem}{number}"


@lru_cache(maxsize=10_000)
def size_expression(extent: Extent) -> sp.Expr:
    """An extent as a SymPy expression over size symbols."""
    total: sp.Expr = sp.S.Zero
    for monomial, coefficient in extent.terms:
        product: sp.Expr = sp.Integer(coefficient)
        for atom in monomial:
            if isinstance(atom, str):
                product = product * size_symbol(atom)
            else:
                product = product * floordiv(size_expression(atom.numerator), sp.Integer(atom.denominator))
        total = total + product
    return total


@lru_cache(maxsize=10_000)
def index_expression(affine: Affine) -> sp.Expr:
    """An affine index expression as a SymPy expression over index and size symbols."""
    total = size_expression(affine.constant)
    for name, coefficient in affine.terms:
        total = total + size_expression(coefficient) * index_symbol(name)
    return total
