"""The slope of a function is calculated before what it is multiplied with, where the values it is made of are many.

dh[n, i] = sum(o: dy[n, o]*W[i, o])                     dx_slope[n, i] = s[n, i] + h[n, i]*(1 - s[n, i])*x[n, i]
dx[n, i] = dh[n, i]*(s[n, i]                            dh[n, i] = sum(o: dy[n, o]*W[i, o])
    + h[n, i]*(1 - s[n, i])*x[n, i])                    dx[n, i] = dh[n, i]*dx_slope[n, i]

The values x, s and h are needed no more when dh begins: there are two arrays at a time where there were four.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import sympy as sp

from symnet.ir.order import looping_tensors
from symnet.ir.program import Program, Statement, Tensor, fresh_name, leaf, leaf_number, statement, symbols_of
from symnet.passes.definitions import single_reader, whole
from symnet.passes.order import ordered
from symnet.planning.liveness import lives
from symnet.planning.rows import SLOPES


def slopes_first(program: Program) -> Program:
    """The same values, with slopes that end the lives of several tensors calculated as early as they can."""
    found = list(_slopes(program))
    if not found:
        return program
    tensors = dict(program.tensors)
    instead: dict[int, Statement] = {}
    before: dict[int, Statement] = {}
    for one in found:
        s = one.reader
        name = fresh_name(f"{s.target.tensor}_slope", tensors)
        tensors[name] = Tensor(name, tensors[s.target.tensor].extents, "value")
        target = replace(s.target, tensor=name)
        leaves = {leaf(k): access for k, access in enumerate(s.leaves)}
        before[one.writer] = statement(target, "=", s.domain, one.slope, leaves, (), s.origin)
        leaves[leaf(len(s.leaves))] = target
        body = one.rest * leaf(len(s.leaves))
        instead[id(s)] = statement(s.target, s.op, s.domain, body, leaves, (), s.origin)
    statements: list[Statement] = []
    for number, s in enumerate(program.statements):
        statements += [before[number]] if number in before else []
        statements.append(instead.get(id(s), s))
    return ordered(replace(program, tensors=tensors, statements=tuple(statements)))


@dataclass(frozen=True)
class _Slope:
    """A product `rest*slope`, and the number of the statement that gives what is in `rest`."""

    reader: Statement
    slope: sp.Expr
    rest: sp.Expr
    writer: int


def _slopes(program: Program) -> Iterator[_Slope]:
    looping = looping_tensors(program)
    ends = {name: life.end for name, life in lives(program, program.wanted).items()}
    number_of = {id(s): number for number, s in enumerate(program.statements)}
    last = {name: number_of[id(writers[-1])] for name, writers in program.writers.items()}
    for number, s in enumerate(program.statements):
        if s.op != "=" or s.guards or s.target.tensor in looping or not whole(s, program.tensors):
            continue
        for late in _arriving(s, program):
            one = _taken_apart(s, late, number, last)
            if one is not None and one.slope != 1 and SLOPES(_dying(s, one.slope, number, ends)):
                yield one
                break


def _arriving(s: Statement, program: Program) -> Iterator[int]:
    """The numbers of the factors of all terms that are sums, over the indices of the target, and read here alone."""
    first, *others = (sp.Mul.make_args(term) for term in sp.Add.make_args(s.body))
    for factor in first:
        number = leaf_number(factor) if factor.is_Symbol else None
        if number is None or s.leaves[number].plain != s.target.plain or any(factor not in term for term in others):
            continue
        name = s.leaves[number].tensor
        writers = program.writers.get(name, ())
        if len(writers) == 1 and writers[0].reduced and single_reader(program, name) is not None:
            yield number


def _taken_apart(s: Statement, late: int, number: int, last: Mapping[str, int]) -> _Slope | None:
    """The slope and the other factors: those that are numbers, and what arrives late."""
    writer = last[s.leaves[late].tensor]
    slope, rest = sp.S.One, sp.S.One
    body = s.body
    if isinstance(body, sp.Add):
        body = sp.Mul(leaf(late), sp.Add(*(term / leaf(late) for term in body.args)), evaluate=False)
    for factor in sp.Mul.make_args(body):
        reads = _reads(factor)
        if reads and late not in reads:
            slope = slope * factor
        else:
            rest = rest * factor
    known = all(last.get(name, -1) < writer for k in _reads(slope) for name in s.leaves[k].tensors)
    return _Slope(s, slope, rest, writer) if known and writer < number else None


def _dying(s: Statement, slope: sp.Expr, number: int, ends: Mapping[str, int]) -> int:
    """How many tensors as large as the target are read by the slope for the last time."""
    accesses = {s.leaves[k] for k in _reads(slope)}
    return len({a.tensor for a in accesses if a.plain == s.target.plain and ends.get(a.tensor) == number})


def _reads(e: sp.Expr) -> list[int]:
    return sorted(n for n in map(leaf_number, symbols_of(e)) if n is not None)
