"""Share: what is calculated once is not calculated again, across forward and backward.

Index names mean nothing here: expressions are compared after renaming their indices by first use, so that exp(z[n, c])
and exp(z[n, k]) are one. Three steps, each a look-up in a dictionary:
  1. two tensors with the same definition become one;
  2. a part of a body that some tensor holds is read from it (so tanh' = 1 - tanh(a)**2 becomes 1 - h**2, and
     exp(z)/s becomes p where the forward pass has p = exp(z)/s, and x <= 0 becomes h <= 0 where it has h = max(0, x));
  3. an expensive part that occurs twice gets a tensor of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.functions import expm1, le, log1p, max2, power, proper, sigmoid, softplus, stop
from symnet.ir.program import (
    Access,
    Indirect,
    Program,
    Statement,
    Tensor,
    fresh_name,
    index_symbol,
    leaf,
    leaf_number,
    statement,
    symbols_of,
)
from symnet.passes.definitions import definition, whole
from symnet.passes.order import ordered
from symnet.passes.simplify import canonical_indices, renamed

Key = tuple[object, ...]
DEEPEST = 4


def share(program: Program) -> Program:
    """The same values with no expression calculated twice."""
    program = _name_repeated(_merge_equal(program))
    return ordered(_reuse(program))


@dataclass(frozen=True)
class Part:
    """A part of a body with its key: equal keys mean equal values, at indices in corresponding order."""

    key: Key
    indices: tuple[str, ...]

    def held_by(self, tensor: str, positions: Iterable[int]) -> Access:
        """How a tensor that holds such a part is read there: its dimensions are the indices at these positions."""
        return Access(tensor, tuple(Affine.index(self.indices[p]) for p in positions))


def part_of(e: sp.Expr, s: Statement) -> Part:
    """The key of a part of a statement's body, free of index names and leaf numbers."""
    known = s.notes.get(e)
    if isinstance(known, Part):
        return known
    symbols = symbols_of(e)
    # Leaves in the order of their tensors; their indices by first use.
    used = sorted(
        (k for k in range(len(s.leaves)) if leaf(k) in symbols), key=lambda k: (s.leaves[k].tensor, str(s.leaves[k]))
    )
    names: dict[str, None] = {}
    for k in used:
        names.update(dict.fromkeys(s.leaves[k].indices))
    names.update((n, None) for n in s.extents if index_symbol(n) in symbols)
    new = {n: f"i{k}" for k, n in enumerate(names)}
    leaves = tuple(s.leaves[k].called(new) for k in used)
    key = (with_symbols(e, tuple(used), tuple(new.items())), leaves, tuple(s.extents[n] for n in names))
    s.notes[e] = part = Part(key, tuple(names))
    return part


# --- 1: tensors with the same statements -----------------------------------------------------------


def _merge_equal(program: Program) -> Program:
    """Where two tensors are written by the same statements, reads of the second become reads of the first."""
    first: dict[Key, str] = {}
    instead: dict[str, str] = {}
    last = {s.target.tensor: k for k, s in enumerate(program.statements)}
    written: dict[str, list[Statement]] = {}
    out: list[Statement] = []
    for k, s in enumerate(program.statements):
        s = _reading(s, instead) if instead else s
        out.append(s)
        name = s.target.tensor
        written.setdefault(name, []).append(s)
        if last[name] != k or any(name in w.reads for w in written[name]):
            continue
        key = (program.tensors[name].extents, tuple(statement_key(w) for w in written[name]))
        if first.setdefault(key, name) != name and name not in program.wanted:
            instead[name] = first[key]
    # Within a recurrence a tensor may have been read above its statements.
    return program.with_statements(tuple(_reading(s, instead) for s in out if s.target.tensor not in instead))


def _reading(s: Statement, instead: dict[str, str]) -> Statement:
    if not any(name in instead for name in s.reads):
        return s
    target = replace(_read_instead(s.target, instead), tensor=s.target.tensor)
    leaves = tuple(_read_instead(a, instead) for a in s.leaves)
    return statement(target, s.op, s.domain, s.body, leaves, s.guards, s.origin)


def _read_instead(access: Access, instead: dict[str, str]) -> Access:
    places = tuple(
        replace(p, tensor=instead.get(p.tensor, p.tensor)) if isinstance(p, Indirect) else p for p in access.places
    )
    return replace(access, tensor=instead.get(access.tensor, access.tensor), places=places)


def statement_key(s: Statement) -> Key:
    """Equal for statements that give tensors of the same shape the same values, whatever their indices are called."""
    known = s.notes.get("key")
    if isinstance(known, tuple):
        return known
    new = {n: f"f{k}" for k, n in enumerate(s.target.indices)}
    blank = new | {n: "b" for n in s.extents if n not in new}
    used = sorted(range(len(s.leaves)), key=lambda k: s.leaves[k].called(blank))
    for k in used:
        for n in s.leaves[k].indices:
            new.setdefault(n, f"b{len(new)}")
    for n in s.extents:
        new.setdefault(n, f"b{len(new)}")
    s.notes["key"] = key = (
        s.op,
        replace(s.target, tensor="").called(new),
        tuple((new[n], s.extents[n]) for n in new),
        tuple(new[n] for n in s.reduced) if s.op in ("argmax", "argmin") else (),
        tuple(guard.called(new) for guard in s.guards),
        tuple(s.leaves[k].called(new) for k in used),
        with_symbols(s.body, tuple(used), tuple(new.items())),
    )
    return key


@lru_cache(maxsize=100_000)
def with_symbols(e: sp.Expr, used: tuple[int, ...], indices: tuple[tuple[str, str], ...]) -> sp.Expr:
    """An expression with the leaves `used` numbered from 0 and its indices renamed; layers repeat their bodies."""
    symbols = {leaf(k): leaf(position) for position, k in enumerate(used)}
    return e.xreplace(symbols | {index_symbol(old): index_symbol(new) for old, new in indices})


# --- 2: read what a tensor already holds -----------------------------------------------------------


def _reuse(program: Program) -> Program:
    reuse = _Reuse(program)
    return program.with_statements(tuple(reuse.rewrite(s) for s in program.statements))


def read_held(program: Program, changed: Collection[str]) -> Program:
    """The program with what tensors hold read from them, by the statements that give some tensors alone."""
    program = ordered(program)
    reuse = _Reuse(program)
    statements = tuple(reuse.rewrite(s, s.target.tensor in changed) for s in program.statements)
    return ordered(program.with_statements(statements))


class _Reuse:
    def __init__(self, program: Program) -> None:
        self.program = program
        # Key to tensor and the position of each of its indices in the part: of what a tensor is, and of what it is the
        # positive part of.
        self.held: dict[Key, tuple[str, tuple[int, ...]]] = {}
        self.positive: dict[Key, tuple[str, tuple[int, ...]]] = {}
        self.shapes: set[Key] = set()  # of all keys: what has another shape need not be looked up
        self.products: dict[str, list[Statement]] = {}  # a tensor to the definitions that are products with it

    def rewrite(self, s: Statement, changed: bool = True) -> Statement:
        names = self.program.writers[s.target.tensor]
        defines = definition(names) is not None and whole(s, self.program.tensors)
        s = self.replaced(s) if changed else s
        if defines and s.body.args:
            self.hold(s)
        return s

    def hold(self, s: Statement) -> None:
        self.enter(self.held, s.body, s)
        if isinstance(s.body, max2) and 0 in s.body.args:
            self.enter(self.positive, next(a for a in s.body.args if a != 0), s)
        anchor = _anchor(s)
        if isinstance(s.body, sp.Mul) and anchor is not None:
            self.products.setdefault(anchor.tensor, []).append(s)

    def enter(self, table: dict[Key, tuple[str, tuple[int, ...]]], e: sp.Expr, s: Statement) -> None:
        """Note that the target of `s` tells about a part that has all of its indices."""
        part = part_of(e, s)
        target = s.target.plain or ()
        if set(part.indices) == set(target):
            self.shapes.add(shape_of(e))
            table.setdefault(part.key, (s.target.tensor, tuple(part.indices.index(n) for n in target)))

    def replaced(self, s: Statement) -> Statement:
        """The statement with every part that a tensor holds replaced by a read of it, the largest parts first."""
        for _ in range(DEEPEST):  # a part may come to light when the parts in it are replaced
            leaves = {leaf(k): a for k, a in enumerate(s.leaves)}
            body = self.walk(s.body, s, leaves)
            if body == s.body:
                break
            s = statement(s.target, s.op, s.domain, proper(body), leaves, s.guards, s.origin)
        return s

    def walk(self, e: sp.Expr, s: Statement, leaves: dict[sp.Symbol, Access]) -> sp.Expr:
        if not e.args or e.is_Number:
            return e
        access = self.lookup(e, s, self.held)
        if access is not None:
            return read_of(access, leaves)
        if isinstance(e, le) and e.args[1] == 0 and e.args[0].args:  # max(0, x) <= 0 where x <= 0
            access = self.lookup(e.args[0], s, self.positive)
            if access is not None:
                return le(read_of(access, leaves), 0)
        if isinstance(e, sp.Mul):
            e = self.products_in(e, s, leaves)
        if not isinstance(e, sp.Mul | sp.Add | sp.Pow | sp.Function):
            return e
        args = tuple(self.walk(a, s, leaves) for a in e.args)
        return e.func(*args) if args != e.args else e

    def lookup(self, e: sp.Expr, s: Statement, table: Mapping[Key, tuple[str, tuple[int, ...]]]) -> Access | None:
        if shape_of(e) not in self.shapes or any(leaf_beyond(x, s) for x in symbols_of(e)):
            return None
        part = part_of(e, s)
        found = table.get(part.key)
        if found is None or found[0] == s.target.tensor:
            return None
        tensor, positions = found
        return part.held_by(tensor, positions)

    def products_in(self, e: sp.Expr, s: Statement, leaves: dict[sp.Symbol, Access]) -> sp.Expr:
        """Replace the factors of a product that together are the definition of a tensor."""
        used = symbols_of(e)
        accesses = [a for k, a in enumerate(s.leaves) if leaf(k) in used]
        tensors = {a.tensor for a in accesses}
        for access in accesses:
            for d in self.products.get(access.tensor, ()):
                # Most definitions read something else besides: a look at their tensors is cheaper than to unify them.
                if d.target.tensor == s.target.tensor or any(a.tensor not in tensors for a in d.leaves):
                    continue
                found = _unified(d, s, access)
                if found is None:
                    continue
                wanted, places = found
                rest = _without(e, wanted)
                if rest is not None:
                    return rest * read_of(Access(d.target.tensor, places), leaves)
        return e


def _without(product: sp.Expr, wanted: sp.Expr) -> sp.Expr | None:
    """The product without the factors of another one, None where it does not have them all (x**-2 has x**-1)."""
    have = product.as_powers_dict()
    for base, exponent in wanted.as_powers_dict().items():
        left = have.get(base, sp.S.Zero)
        if not (exponent.is_Number and left.is_Number and left * exponent > 0 and abs(left) >= abs(exponent)):
            return None
    return product / wanted


def shape_of(e: sp.Expr) -> Key:
    """What expressions with equal keys have in common, found at a glance."""
    return e.func, len(e.args), len(symbols_of(e))


def leaf_beyond(symbol: sp.Symbol, s: Statement) -> bool:
    """Whether a symbol is a leaf that the statement does not have (one that a rewrite has just put in)."""
    return symbol.name.startswith("_") and int(symbol.name[1:]) >= len(s.leaves)


def read_of(access: Access, leaves: dict[sp.Symbol, Access]) -> sp.Symbol:
    """The symbol that reads an access; a new leaf where there is none yet."""
    for symbol, known in leaves.items():
        if known == access:
            return symbol
    symbol = leaf(len(leaves))
    leaves[symbol] = access
    return symbol


def read_definition(found: tuple[sp.Expr, tuple[Access, ...]], leaves: dict[sp.Symbol, Access]) -> sp.Expr:
    """The body of a definition, as `instantiate` gives it, over leaves that gain what it reads."""
    body, accesses = found
    return body.xreplace({leaf(k): read_of(access, leaves) for k, access in enumerate(accesses)})


def _anchor(s: Statement) -> Access | None:
    """The first of the largest leaves that run through a whole tensor: it tells the indices of a definition."""
    whole = (access for access in s.leaves if access.plain is not None and access.default is None)
    return max(whole, key=lambda access: len(access.places), default=None)


def _unified(d: Statement, s: Statement, access: Access) -> tuple[sp.Expr, tuple[Affine, ...]] | None:
    """The body of a definition over the leaves of `s`, its indices chosen so that its anchor is `access`."""
    first = _anchor(d)
    if first is None or len(first.places) != len(access.places) or first.default != access.default:
        return None
    indices: dict[str, Affine] = {}
    for mine, theirs in zip(first.places, access.places, strict=True):
        if not isinstance(mine, Affine) or mine.plain is None or not isinstance(theirs, Affine) or theirs.plain is None:
            return None
        if indices.setdefault(mine.plain, theirs) != theirs:
            return None
    target = d.target.plain or ()
    if any(n not in indices for n in d.extents) or any(
        d.extents[n] != s.extents[indices[n].plain or ""] for n in target
    ):
        return None
    number = {a: k for k, a in enumerate(s.leaves)}
    moved = [a.substitute(indices) for a in d.leaves]
    if any(a not in number for a in moved):
        return None
    mapping = {leaf(k): leaf(number[a]) for k, a in enumerate(moved)}
    mapping |= {index_symbol(n): index_symbol(a.plain or n) for n, a in indices.items()}
    return d.body.xreplace(mapping), tuple(indices[n] for n in target)


# --- 3: name what occurs twice ---------------------------------------------------------------------


def _name_repeated(program: Program) -> Program:
    """Expensive parts that occur in two statements become tensors, defined before the first of them."""
    counts: dict[Key, int] = {}
    keys: list[list[tuple[sp.Expr, Part]]] = []
    for s in program.statements:
        parts = [(e, part_of(e, s)) for e in expensive_parts(s)] if not s.guards else []
        keys.append(parts)
        for part in {p.key: p for _, p in parts}.values():
            counts[part.key] = counts.get(part.key, 0) + 1
    held: set[Key] = set()
    tensors = dict(program.tensors)
    indices = canonical_indices(program)
    out: list[Statement] = []
    for s, parts in zip(program.statements, keys, strict=True):
        whole_part = part_of(s.body, s).key if s.op == "=" else None
        for e, part in parts:
            if counts[part.key] < 2 or part.key in held:
                continue
            held.add(part.key)
            if part.key == whole_part and definition(program.writers[s.target.tensor]) is not None:
                continue
            out.append(named_part(e, part, s, tensors, indices))
        out.append(s)
    return replace(program, tensors=tensors, statements=tuple(out))


def named_part(
    e: sp.Expr,
    part: Part,
    s: Statement,
    tensors: dict[str, Tensor],
    indices: dict[str, tuple[str, ...]],
    role: str = "",
) -> Statement:
    """The definition of a new tensor as a part of a statement's body, named by what it is and is made of."""
    used = [a for k, a in enumerate(s.leaves) if e.has(leaf(k))]
    whole_reads = [a for a in used if len(a.places) == len(part.indices)]
    stem = next((a.tensor for a in (*whole_reads, *used)), s.target.tensor).removesuffix("_shifted")
    stem = f"{stem}_{role or _SHORT.get(type(e).__name__, type(e).__name__)}"
    name = fresh_name(stem, tensors)
    domain = tuple((n, s.extents[n]) for n in s.extents if n in part.indices)
    tensors[name] = Tensor(name, tuple(x for _, x in domain), "value")
    target = Access(name, tuple(Affine.index(n) for n, _ in domain))
    named = statement(target, "=", domain, e, s.leaves, (), origin=s.origin)
    for access in s.leaves:  # the indices are called as in the formulas of the tensor it is made of
        if access.plain is not None and set(access.plain) == set(part.indices) and access.tensor in indices:
            return renamed(named, dict(zip(access.plain, indices[access.tensor], strict=True)))
    return named


_SHORT = {"Pow": "power", "Add": "sum", "Mul": "product"}


def expensive_parts(s: Statement) -> Iterator[sp.Expr]:
    """The parts of a body that cost more than reading them back, inner ones first, each once."""
    yield from _expensive(s.body)


@lru_cache(maxsize=100_000)
def _expensive(body: sp.Expr) -> tuple[sp.Expr, ...]:
    parts = (e for e in sp.postorder_traversal(body) if is_expensive(e))
    return tuple(dict.fromkeys(e for e in parts if any(leaf_number(x) is not None for x in symbols_of(e))))


def is_expensive(e: sp.Expr) -> bool:
    """Whether the root of an expression is a function that takes far longer than an addition."""
    if isinstance(e, stop):
        return False
    return isinstance(e, _EXPENSIVE) or (isinstance(e, sp.Pow) and not e.exp.is_Integer)


_EXPENSIVE = (
    sp.exp, sp.log, sp.sin, sp.cos, sp.tan, sp.tanh, sp.sinh, sp.cosh, sp.atan, sp.erf,
    sigmoid, softplus, log1p, expm1, power,
)  # fmt: skip
