"""A quotient that a tensor holds is read, and not calculated from numerator and divisor once more.

p[n, k] = e[n, k]/s[n]                                  p[n, k] = e[n, k]/s[n]
ds[n] = sum(k: -dp[n, k]*p[n, k]/s[n])                  ds[n] = sum(k: -dp[n, k]*p[n, k])
dz[n, k] = dp[n, k]*p[n, k] + ds[n]*e[n, k]             dz[n, k] = dp[n, k]*p[n, k] + ds[n]*p[n, k]

The divisor leaves a sum that one statement alone reads, to meet the numerator there. That one is not read behind p any
more, so that p may take its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.functions import proper
from symnet.ir.order import looping_tensors
from symnet.ir.program import Access, Program, Statement, leaf, leaf_number, statement
from symnet.passes.definitions import definition, single_reader, whole
from symnet.passes.order import ordered


def quotients_read(program: Program) -> Program:
    """The same values, with fewer divisions and with numerators that are needed for a shorter time."""
    looping = looping_tensors(program)
    quotients = _quotients(program)
    instead: dict[int, Statement] = {}
    for s in program.statements if quotients else ():
        for number, access in enumerate(s.leaves if s.target.tensor not in looping else ()):
            divided = _divided(access, program)
            changed = None if divided is None else _with_quotient(s, number, divided, quotients)
            if divided is not None and changed is not None and id(divided.writer) not in instead:
                instead[id(s)] = changed
                instead[id(divided.writer)] = divided.without
                break
    if not instead:
        return program
    return ordered(program.with_statements(tuple(instead.get(id(s), s) for s in program.statements)))


@dataclass(frozen=True)
class _Quotient:
    """A tensor that holds a quotient of two reads at plain places."""

    target: Access
    above: Access
    below: Access


@dataclass(frozen=True)
class _Divided:
    """A sum with a divisor in front of it: its statement, the same without the divisor, and the divisor where it is
    read."""

    writer: Statement
    without: Statement
    divisor: Access


def _quotients(program: Program) -> dict[str, _Quotient]:
    """Numerator to the quotient that a tensor holds."""
    found: dict[str, _Quotient] = {}
    for name, writers in program.writers.items():
        d = definition(writers)
        if d is None or not whole(d, program.tensors) or len(d.leaves) != 2:
            continue
        for above, below in ((0, 1), (1, 0)):
            accesses = d.leaves[above], d.leaves[below]
            plain = set(accesses[0].plain or ()) == set(d.extents) and accesses[1].plain is not None
            if d.body == leaf(above) / leaf(below) and plain and name not in (accesses[0].tensor, accesses[1].tensor):
                found.setdefault(accesses[0].tensor, _Quotient(d.target, *accesses))
    return found


def _divided(access: Access, program: Program) -> _Divided | None:
    """What the only reader of a tensor reads as a sum with a divisor."""
    name = access.tensor
    writers = program.writers.get(name, ())
    if len(writers) != 1 or single_reader(program, name) is None or access.default is not None:
        return None
    w = writers[0]
    if w.op != "+" or not w.reduced or w.guards or not whole(w, program.tensors):
        return None
    for factor in sp.Mul.make_args(w.body):
        base, exponent = factor.as_base_exp()
        number = leaf_number(base) if base.is_Symbol and exponent == -1 else None
        if number is None or not set(w.leaves[number].indices) <= set(w.free):
            continue
        places = dict(zip(w.target.plain or (), access.places, strict=True))
        leaves = {leaf(k): a for k, a in enumerate(w.leaves)}
        without = statement(w.target, w.op, w.domain, proper(w.body / factor), leaves, (), w.origin)
        if set(w.reduced) <= {n for a in without.leaves for n in a.indices}:
            return _Divided(w, without, _moved(w.leaves[number], places))
    return None


def _with_quotient(
    s: Statement, number: int, divided: _Divided, quotients: Mapping[str, _Quotient]
) -> Statement | None:
    """The statement with quotients in the place of the numerators that its sum is multiplied with; None where there are
    other factors somewhere."""
    own, sum_then, quotient = leaf(number), leaf(len(s.leaves)), leaf(len(s.leaves) + 1)
    for other, access in enumerate(s.leaves):
        q = quotients.get(access.tensor)
        if q is None or access.default is not None or q.target.tensor == s.target.tensor:
            continue
        places = dict(zip(q.above.plain or (), access.places, strict=True))
        if _moved(q.below, places) != divided.divisor:
            continue
        body = _replaced(s.body, own, leaf(other), sum_then, quotient)
        if body.has(own) or body == s.body:
            continue
        leaves = {leaf(k): a for k, a in enumerate(s.leaves)}
        leaves |= {quotient: _moved(q.target, places), sum_then: s.leaves[number]}
        return statement(s.target, s.op, s.domain, proper(body), leaves, s.guards, s.origin)
    return None


def _replaced(body: sp.Expr, one: sp.Symbol, other: sp.Symbol, first: sp.Symbol, second: sp.Symbol) -> sp.Expr:
    """The body with two other symbols in the place of two wherever they are factors of one product."""
    return body.replace(
        lambda e: isinstance(e, sp.Mul) and {one, other} <= set(e.args),
        lambda e: e.xreplace({one: first, other: second}),
    )


def _moved(access: Access, places: Mapping[str, object]) -> Access:
    return access.substitute({name: p for name, p in places.items() if isinstance(p, Affine)})
