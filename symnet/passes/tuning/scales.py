"""The scale of a normalisation is read where it was calculated before, and its gradient is one product with it.

  p[n] = (s[n] + e)**(-1/2)                           p[n] = (s[n] + e)**(-1/2)
  y[n, i] = p[n]*x[n, i]                              y[n, i] = p[n]*x[n, i]
  ds[n] = sum(i: dy[n, i]*x[n, i])*(s[n] + e)**(-3/2)     ds[n] = sum(i: dy[n, i]*y[n, i])
  dx[n, i] = p[n]*dy[n, i] - ds[n]*x[n, i]            dx[n, i] = p[n]*dy[n, i] - p[n]*ds[n]*y[n, i]

1. a power of what a tensor holds another power of is a power of that tensor: p**3;
2. factors in front of a sum go to the only statement that reads it, where they may meet others.
"""

from __future__ import annotations

from dataclasses import replace

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.functions import proper
from symnet.ir.order import looping_tensors
from symnet.ir.program import Access, Program, Statement, Tensor, fresh_name, leaf, statement
from symnet.passes.definitions import definition, instantiate, single_reader, whole
from symnet.passes.share import Key, part_of, read_definition, read_held, read_of
from symnet.planning.costs import indices_of

# A power of a tensor is a few products.
LARGEST_POWER = 4


def read_scales(program: Program) -> Program:
    """The same values, with each scale calculated once."""
    looping = looping_tensors(program)
    powers = _Powers(program, looping).run()
    if powers is None:
        return program
    return _in_front(powers, looping)


class _Powers:
    def __init__(self, program: Program, looping: frozenset[str]) -> None:
        self.program = program
        self.looping = looping
        self.held: dict[Key, tuple[str, sp.Expr, tuple[int, ...]]] = {}  # a base to tensor, exponent and its indices
        self.changed: set[str] = set()

    def run(self) -> Program | None:
        """The program with powers read from tensors that hold others; None where there are none."""
        statements = tuple(map(self.rewritten, self.program.statements))
        return read_held(self.program.with_statements(statements), self.changed) if self.changed else None

    def rewritten(self, s: Statement) -> Statement:
        if s.target.tensor in self.looping:
            return s
        leaves = {leaf(k): access for k, access in enumerate(s.leaves)}
        instead: dict[sp.Expr, sp.Expr] = {}
        for e in sorted(s.body.atoms(sp.Pow), key=sp.default_sort_key):
            found = self.held.get(part_of(e.base, s).key) if e.exp.is_Rational else None
            times = e.exp / found[1] if found is not None else sp.S.Zero
            if found is not None and times.is_Integer and 1 < times <= LARGEST_POWER:
                indices = part_of(e.base, s).indices
                access = Access(found[0], tuple(Affine.index(indices[p]) for p in found[2]))
                instead[e] = read_of(access, leaves) ** times
        self.hold(s)
        if not instead:
            return s
        self.changed.add(s.target.tensor)
        return statement(s.target, s.op, s.domain, proper(s.body.xreplace(instead)), leaves, s.guards, s.origin)

    def hold(self, s: Statement) -> None:
        """Note that the target of a statement is a root of something."""
        names, e = s.target.plain, s.body
        root = isinstance(e, sp.Pow) and e.exp.is_Rational and not e.exp.is_Integer
        if names is None or not root or definition(self.program.writers[s.target.tensor]) is None:
            return
        part = part_of(e.base, s)
        if whole(s, self.program.tensors) and set(part.indices) == set(names):
            self.held.setdefault(part.key, (s.target.tensor, e.exp, tuple(part.indices.index(n) for n in names)))


# --- factors in front of sums ----------------------------------------------------------------------


def _in_front(program: Program, looping: frozenset[str]) -> Program:
    """The program with factors of sums in the statements that read them."""
    tensors = dict(program.tensors)
    instead: dict[int, Statement] = {}
    for s in program.statements:
        name = s.target.tensor
        reader = single_reader(program, name)
        if reader is None or program.writers[name] != (s,):
            continue
        changed = not instead.keys().isdisjoint((id(s), id(reader)))
        if changed or not looping.isdisjoint((name, reader.target.tensor)):
            continue
        moved = _moved(s, reader, tensors)
        if moved is not None:
            instead |= {id(s): moved[0], id(reader): moved[1]}
    if not instead:
        return program
    statements = tuple(instead.get(id(s), s) for s in program.statements)
    written = {s.target.tensor for s in instead.values()}
    return read_held(replace(program, tensors=tensors, statements=statements), written)


def _moved(s: Statement, reader: Statement, tensors: dict[str, Tensor]) -> tuple[Statement, Statement] | None:
    """A sum without the factors in front of it, and its reader with them; None where the reader is no larger."""
    names, reads = s.target.plain, [a for a in reader.leaves if s.target.tensor in a.tensors]
    if s.op != "+" or not s.reduced or s.guards or names is None or reader.reduced or reader.guards or len(reads) != 1:
        return None
    access = reads[0]
    symbol = leaf(reader.leaves.index(access))
    if access.plain is None or access.default is not None or len(reader.extents) <= len(names):
        return None
    moving = [(f, indices_of(f, s)) for f in sp.Mul.make_args(s.body)]
    front = [f for f, indices in moving if indices and not indices & set(s.reduced)]
    if not front or reader.body.count(symbol) != 1 or reader.target.tensor in {a.tensor for a in s.leaves}:
        return None
    name = fresh_name(f"{s.target.tensor}_part", tensors)
    tensors[name] = replace(tensors[s.target.tensor], name=name, role="value", of="")
    target = replace(s.target, tensor=name)
    number = s.body.as_coeff_Mul()[0]
    factor = sp.Mul(number, *front)
    summed = statement(target, s.op, s.domain, proper(s.body / factor), s.leaves, (), s.origin)
    alone = statement(s.target, "=", tuple((n, s.extents[n]) for n in names), factor, s.leaves, (), s.origin)
    found = instantiate(alone, access)
    assert found is not None
    leaves = {leaf(k): a for k, a in enumerate(reader.leaves)}
    inner = read_definition(found, leaves)
    body = reader.body.xreplace({symbol: inner * read_of(replace(access, tensor=name), leaves)})
    return summed, statement(reader.target, reader.op, reader.domain, proper(body), leaves, (), reader.origin)
