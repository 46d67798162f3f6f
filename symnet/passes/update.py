"""The optimiser of a network as elementwise statements: Optimizer -> Update."""

from __future__ import annotations

from collections.abc import Iterable

import sympy as sp

from symnet.ir.bundle import Update
from symnet.ir.functions import OPERATIONS, proper
from symnet.ir.program import Access, Program, Statement, Tensor, leaf, statement
from symnet.language.network import Expr, Num, Op, Optimizer, Ref
from symnet.passes.order import ordered


def lower_update(optimizer: Optimizer) -> Update:
    """The statements of one step. Every tensor has rank 0: they hold for each element of a parameter of any shape."""
    scalars = {name for name, _ in (*optimizer.hypers, *optimizer.counters, *optimizer.totals)}
    before: list[Statement] = []
    elementwise: list[Statement] = []
    for name, value in optimizer.equations:
        s = _scalar(name, value)
        if set(s.reads) <= scalars:
            scalars.add(name)
            before.append(s)
        else:
            elementwise.append(s)
    results = ("p'", *(f"{name}'" for name, _ in optimizer.slots))
    written = {s.target.tensor for s in elementwise}
    given = dict.fromkeys(("p", "g", *(n for n, _ in optimizer.slots), *sorted(scalars)))
    tensors = {name: Tensor(name, (), "input") for name in given if name not in written}
    tensors |= {name: Tensor(name, (), "value") for name in written}
    program = ordered(Program(tensors, tuple(elementwise), tuple(r for r in results if r in written)))
    needed = set(program.results) | {r for s in program.statements for r in s.reads}
    return Update(
        optimizer.name,
        optimizer.hypers,
        optimizer.slots,
        optimizer.counters,
        tuple((name, _scalar(name, value)) for name, value in optimizer.totals),
        tuple(_needed(before, needed | {f"{name}'" for name, _ in optimizer.counters})),
        program,
    )


def _needed(statements: list[Statement], wanted: Iterable[str]) -> list[Statement]:
    names = set(wanted)
    kept = []
    for s in reversed(statements):
        if s.target.tensor in names:
            kept.append(s)
            names.update(s.reads)
    return kept[::-1]


def _scalar(name: str, value: Expr) -> Statement:
    leaves: dict[sp.Symbol, Access] = {}
    body = _formula(value, leaves)
    return statement(Access(name), "=", (), body, leaves, origin="update")


def _formula(e: Expr, leaves: dict[sp.Symbol, Access]) -> sp.Expr:
    if isinstance(e, Num):
        return sp.Rational(e.value.numerator, e.value.denominator)
    if isinstance(e, Ref):
        symbol = next((s for s, a in leaves.items() if a.tensor == e.tensor), leaf(len(leaves)))
        leaves[symbol] = Access(e.tensor)
        return symbol
    if isinstance(e, Op):
        return proper(OPERATIONS[e.name](*(_formula(a, leaves) for a in e.args)))
    raise TypeError(f"an optimiser's formula has no {type(e).__name__}")
