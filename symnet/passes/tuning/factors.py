"""Factors with fewer indices go to where they meet the fewest elements: along sums of products, which are linear.

    d[n, k] = r[n]*s[n, k]                  d[n, k] = s[n, k]
    db[k] = sum(n: d[n, k])                 db[k] = sum(n: r[n]*d[n, k])
    dw[k] = sum(n: d[n, k]*t[n])            dw[k] = sum(n: r[n]*d[n, k]*t[n])

There the factor meets a vector, or the result, in the place of a matrix. It also goes the other way, into the sum that
a tensor is a multiple of: c*sum(d: u[n, d]*v[m, d]) has fewer elements in u than in the result.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from symnet.ir.functions import proper
from symnet.ir.order import looping_tensors
from symnet.ir.program import Program, Statement, fresh_name, index_symbol, leaf, leaf_number, statement, symbols_of
from symnet.passes.definitions import definition, instantiate, single_reader, whole
from symnet.passes.order import ordered
from symnet.passes.share import read_definition, read_held, read_of
from symnet.passes.simplify import is_contraction, renamed, simplify
from symnet.planning.contractions import volume
from symnet.planning.costs import indices_of
from symnet.planning.rows import FACTOR_MOVED

Names = frozenset[str]

# How many products a call takes as long as.
CALL = 1024


def move_factors(program: Program) -> Program:
    """The same values, with products of large tensors and small factors taken where there are fewer elements."""
    looping = looping_tensors(program)
    return _into_sums(_to_readers(program, looping), looping)


# --- to what reads a tensor ------------------------------------------------------------------------


def _to_readers(program: Program, looping: frozenset[str]) -> Program:
    """The program with factors of products in the sums that read them."""
    tensors = dict(program.tensors)
    instead: dict[int, Statement] = {}
    for s in program.statements:
        readers = program.readers.get(s.target.tensor, ())
        changed = any(id(x) in instead for x in (s, *readers))
        factor = None if changed or s.target.tensor in looping else _moving(s, readers, program, looping)
        if factor is None:
            continue
        name = fresh_name(f"{s.target.tensor}_part", tensors)
        tensors[name] = replace(tensors[s.target.tensor], name=name, role="value", of="")
        target = replace(s.target, tensor=name)
        instead[id(s)] = statement(target, s.op, s.domain, proper(s.body / factor), s.leaves, (), s.origin)
        alone = statement(s.target, s.op, s.domain, factor, s.leaves, (), s.origin)
        instead.update((id(r), _with_factor(r, alone, name)) for r in readers)
    if not instead:
        return program
    statements = tuple(instead.get(id(s), s) for s in program.statements)
    written = {s.target.tensor for s in instead.values()}
    return simplify(read_held(replace(program, tensors=tensors, statements=statements), written))


def _moving(s: Statement, readers: tuple[Statement, ...], program: Program, looping: frozenset[str]) -> sp.Expr | None:
    """The factor of a product that meets fewer elements in the sums that read the tensor."""
    name = s.target.tensor
    if definition(program.writers[name]) is None or not whole(s, program.tensors) or name in program.wanted:
        return None
    if not readers or any(r.target.tensor in looping or not _is_linear(r, name) for r in readers):
        return None
    factors = [f for f in sp.Mul.make_args(s.body) if any(leaf_number(x) is not None for x in symbols_of(f))]
    for names in dict.fromkeys(indices_of(f, s) for f in factors):
        own = [f for f in factors if indices_of(f, s) == names]
        if names == frozenset(s.extents) or len(own) == len(factors) or not all(map(_is_leaf_power, own)):
            continue
        others = [indices_of(f, s) for f in factors if indices_of(f, s) > names]
        before = min(volume(other, s.extents) for other in (*others, frozenset(s.extents)))
        if FACTOR_MOVED(before, sum(_price(r, s, names) for r in readers)):
            return sp.Mul(*own)
    return _number(s, factors, readers)


def _number(s: Statement, factors: list[sp.Expr], readers: tuple[Statement, ...]) -> sp.Expr | None:
    """The number in front of a product that meets fewer elements there, each time by a call of its own."""
    number = s.body / sp.Mul(*factors)
    if not factors or abs(number) == 1 or number.has(*map(index_symbol, s.extents)):
        return None
    before = min(volume(indices_of(f, s), s.extents) for f in factors)
    after = sum(CALL + _price(r, s, frozenset()) for r in readers)
    return number if FACTOR_MOVED(before, after) else None


def _is_leaf_power(e: sp.Expr) -> bool:
    base, exponent = e.as_base_exp()
    return bool(base.is_Symbol and exponent.is_Integer)


def _is_linear(s: Statement, name: str) -> bool:
    """Whether a statement sums a product in which the tensor is one factor."""
    reads = [k for k, access in enumerate(s.leaves) if name in access.tensors]
    if s.op != "+" or not s.reduced or s.guards or len(reads) != 1:
        return False
    access = s.leaves[reads[0]]
    factors = sp.Mul.make_args(s.body)
    plain = access.plain is not None and access.default is None
    return plain and leaf(reads[0]) in factors and all(_is_leaf_power(f) for f in factors if f.free_symbols)


def _price(reader: Statement, s: Statement, names: Names) -> int:
    """How many elements a factor over these indices of a tensor meets in a sum that reads the tensor."""
    access = next(a for a in reader.leaves if a.tensor == s.target.tensor)
    called = dict(zip(s.target.plain or (), access.plain or (), strict=True))
    own = frozenset(called[n] for n in names)
    others = [frozenset(a.indices) for a in reader.leaves if a is not access and a.indices]
    places = [own | other for other in others] if others else [own]
    if own <= set(reader.free):
        places.append(frozenset(reader.free))
    return min(volume(place, reader.extents) for place in places)


def _with_factor(reader: Statement, alone: Statement, name: str) -> Statement:
    """The reader with what has left the tensor, the body of `alone`, as a factor of what is now called `name`."""
    access = next(a for a in reader.leaves if a.tensor == alone.target.tensor)
    found = instantiate(alone, access)
    assert found is not None
    leaves = {leaf(k): a if a is not access else replace(a, tensor=name) for k, a in enumerate(reader.leaves)}
    body = read_definition(found, leaves)
    return statement(reader.target, reader.op, reader.domain, proper(reader.body * body), leaves, (), reader.origin)


# --- into the sum that a tensor is a multiple of ---------------------------------------------------


def _into_sums(program: Program, looping: frozenset[str]) -> Program:
    """Where a tensor is a multiple of a product of matrices that nothing else reads, it is the sum of the multiples."""
    instead: dict[int, Statement | None] = {}
    for s in program.statements:
        found = _as_sum(s, program) if s.target.tensor not in looping else None
        if found is not None:
            product = program.writers[s.leaves[found[1]].tensor][0]
            instead |= {id(s): found[0], id(product): None}
    statements = tuple(made for s in program.statements if (made := instead.get(id(s), s)) is not None)
    return ordered(replace(program, statements=statements)) if instead else program


def _as_sum(s: Statement, program: Program) -> tuple[Statement, int] | None:
    """The sum of products that a multiple of one is, and the leaf that read the one."""
    if definition(program.writers[s.target.tensor]) is None or not whole(s, program.tensors):
        return None
    for k, access in enumerate(s.leaves):
        writers = program.writers.get(access.tensor, ())
        alone = single_reader(program, access.tensor) is not None
        if len(writers) != 1 or not alone or access.plain is None or access.default is not None:
            continue
        product, factor = writers[0], s.body / leaf(k)
        if factor.has(leaf(k)) or indices_of(factor, s) or not factor.free_symbols or not is_contraction(product):
            continue
        numbers = all(map(_is_leaf_power, sp.Mul.make_args(factor)))
        if not numbers or product.guards or not whole(product, program.tensors):
            continue
        before = volume(frozenset(s.extents), s.extents)
        after = min(volume(frozenset(a.indices), product.extents) for a in product.leaves if a.indices)
        if FACTOR_MOVED(before, after):
            return _multiple(product, s, k, factor), k
    return None


def _multiple(product: Statement, s: Statement, k: int, factor: sp.Expr) -> Statement:
    """The sum with a factor, as the definition of what was the multiple of it."""
    access = s.leaves[k]
    product = renamed(product, dict(zip(product.target.plain or (), access.plain or (), strict=True)))
    leaves = {leaf(n): a for n, a in enumerate(product.leaves)}
    symbols = sorted(factor.free_symbols, key=str)
    numbers = {x: read_of(found, leaves) for x in symbols if (found := s.leaf_of(x)) is not None}
    body = proper(product.body * factor.xreplace(numbers))
    return statement(s.target, product.op, product.domain, body, leaves, (), s.origin)
