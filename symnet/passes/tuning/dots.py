"""The sum of all products of a contraction and what is multiplied with it is taken of smaller tensors that are there.

    z[n, m] = sum(d: c*u[n, d]*v[m, d])             z[n, m] = sum(d: c*u[n, d]*v[m, d])
    du[n, d] = sum(m: c*dz[n, m]*v[m, d])           du[n, d] = sum(m: c*dz[n, m]*v[m, d])
    s = sum(n, m: dz[n, m]*z[n, m])                 s = sum(n, d: du[n, d]*u[n, d])

The gradient of what logits are multiplied with, such as a temperature, is such a sum.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.functions import proper
from symnet.ir.order import looping_tensors
from symnet.ir.program import Access, Program, Statement, index_symbol, leaf, leaf_number, statement, symbols_of
from symnet.passes.definitions import whole
from symnet.passes.order import ordered
from symnet.planning.contractions import volume
from symnet.planning.rows import FACTOR_MOVED


def smaller_dots(program: Program) -> Program:
    """The same values, with sums of all products of two tensors taken of smaller ones where those are there."""
    looping = looping_tensors(program)
    instead = {id(s): dot for s in program.statements if s.target.tensor not in looping and (dot := _dot(s, program))}
    return ordered(program.map(lambda s: instead.get(id(s), s))) if instead else program


@dataclass(frozen=True)
class _Product:
    """What a statement sums: a number, which may have sizes in it, times tensors read with plain indices."""

    statement: Statement
    number: sp.Expr
    factors: Counter[Access]


def _dot(s: Statement, program: Program) -> Statement | None:
    """The dot of two smaller tensors that gives the same; None where there are none."""
    dot, arrays = _product(s), [a for a in s.leaves if a.places]
    all_of_both = len(arrays) == 2 and all(set(a.indices) == set(s.extents) for a in arrays)
    if dot is None or s.free or not all_of_both:
        return None
    found = _parts(arrays, program)
    return next((made for entry in found if (made := _through(dot, *entry)) is not None), None)


def _parts(arrays: list[Access], program: Program) -> Iterator[tuple[Access, Access, _Product, _Product]]:
    """Each of two tensors with the other, where that is a sum of products, and another such sum that reads the one."""
    for adjoint, access in (arrays, arrays[::-1]):
        product = _contraction(access.tensor, program)
        if product is None:
            continue
        parts = (_contraction(reader.target.tensor, program) for reader in program.readers[adjoint.tensor])
        yield from ((adjoint, access, product, part) for part in parts if part is not None)


def _through(dot: _Product, adjoint: Access, access: Access, product: _Product, part: _Product) -> Statement | None:
    """The dot of a part, which sums `adjoint` times all factors of the product but one, with that one."""
    s, p, reader = dot.statement, product.statement, part.statement
    own = next(a for a in reader.leaves if a.tensor == adjoint.tensor)
    left = [n for n in reader.extents if n not in own.indices]
    if len(left) != 1 or len(p.reduced) != 1:
        return None
    names = dict(zip(adjoint.plain or (), own.plain or (), strict=True))  # all indices are called as in the part
    into = {n: names[m] for n, m in zip(p.target.plain or (), access.plain or (), strict=True)}
    into[p.reduced[0]] = left[0]
    extents = {names[n]: extent for n, extent in s.domain} | {left[0]: p.extents[p.reduced[0]]}
    factors = _renamed(product.factors, into) + _renamed(dot.factors - Counter([access]), names)
    others = list((factors - part.factors).elements())
    operands = [a for a in others if a.places]
    known = extents == reader.extents and not part.factors - factors
    fits = known and len(operands) == 1 and set(operands[0].indices) == set(reader.free)
    if not fits or not FACTOR_MOVED(volume(set(s.extents), s.extents), volume(set(reader.free), reader.extents)):
        return None
    body = sp.Mul(dot.number * product.number / part.number, *map(leaf, range(len(others) + 1)))
    domain = tuple((n, reader.extents[n]) for n in reader.free)
    return statement(s.target, s.op, domain, proper(body), (reader.target, *others), (), s.origin)


def _contraction(name: str, program: Program) -> _Product | None:
    """What is summed where one statement gives a tensor as a whole by a sum of products."""
    writers = program.writers.get(name, ())
    single = len(writers) == 1 and bool(writers[0].reduced) and whole(writers[0], program.tensors)
    return _product(writers[0]) if single else None


def _product(s: Statement) -> _Product | None:
    """What a statement sums; None where that is no such product."""
    if s.op != "+" or s.guards or any(a.plain is None or a.default is not None for a in s.leaves):
        return None
    number, factors = sp.S.One, Counter[Access]()
    for factor in sp.Mul.make_args(s.body):
        access = s.leaf_of(factor) if factor.is_Symbol else None
        if access is not None:
            factors[access] += 1
        elif any(leaf_number(x) is not None for x in symbols_of(factor)):
            return None
        else:
            number *= factor
    return None if number.has(*map(index_symbol, s.extents)) else _Product(s, number, factors)


def _renamed(factors: Counter[Access], into: Mapping[str, str]) -> Counter[Access]:
    """The factors with other names of their indices."""
    return Counter(replace(a, places=tuple(Affine.index(into[n]) for n in a.plain or ())) for a in factors.elements())
