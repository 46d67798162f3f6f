"""Factors leave a recurrence: what a product in a loop does not take from the loop is calculated before it, at once.

The adjoint of a recurrence multiplies what comes from the step behind with slopes of the forward values, which are all
known by then. In a loop over T steps each operation on them is T small calls, outside of it one large one.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.program import Access, Program, Statement, Tensor, fresh_name, leaf, leaf_number, statement
from symnet.passes.schedule import circles
from symnet.passes.share import read_of
from symnet.planning.costs import operations


def hoist(program: Program) -> Program:
    """The same values, with the factors that do not depend on a recurrence calculated outside of it."""
    tensors = dict(program.tensors)
    inside = {k: written for members, written in circles(program) for k in members}
    out: list[Statement] = []
    for k, s in enumerate(program.statements):
        if k in inside and not s.reduced and not s.guards and s.op in ("=", "+"):
            *before, s = _hoisted(s, inside[k], tensors)
            out += before
        out.append(s)
    return replace(program, tensors=tensors, statements=tuple(out))


def _hoisted(s: Statement, written: frozenset[str], tensors: dict[str, Tensor]) -> list[Statement]:
    """The statements that calculate factors, and then the statement that reads them."""
    leaves = {leaf(n): a for n, a in enumerate(s.leaves)}
    made: list[Statement] = []
    terms = []
    for term in sp.Add.make_args(s.body):
        factors = sp.Mul.make_args(term)
        moving = [f for f in factors if any(a.tensor in written for a in _reads(f, s))]
        rest = sp.Mul(*(f for f in factors if f not in moving))
        if not moving or operations(rest) < 1 or not _covers(rest, s):
            terms.append(term)
            continue
        name = fresh_name(f"{s.target.tensor}_factor", tensors)
        tensors[name] = Tensor(name, tuple(extent for _, extent in s.domain), "value")
        access = Access(name, tuple(Affine.index(n) for n, _ in s.domain))
        made.append(statement(access, "=", s.domain, rest, s.leaves, (), origin=s.origin))
        terms.append(sp.Mul(*moving) * read_of(access, leaves))
    if not made:
        return [s]
    return [*made, statement(s.target, s.op, s.domain, sp.Add(*terms), leaves, s.guards, s.origin)]


def _reads(e: sp.Expr, s: Statement) -> list[Access]:
    return [s.leaves[number] for number in map(leaf_number, e.free_symbols) if number is not None]


def _covers(e: sp.Expr, s: Statement) -> bool:
    """Whether a factor has all indices of its statement, so that its tensor holds no value twice."""
    reads = _reads(e, s)
    affine = all(isinstance(p, Affine) for a in reads for p in a.places)
    return affine and {n for a in reads for n in a.indices} == set(s.extents)
