"""Conditions on a tensor that is read for its positive part only: they ask the positive part instead.

    r[n, c] = max(0, z[n, c])        dz[n, c] = where(not z[n, c] <= 0, dr[n, c], 0)

max(0, z) <= 0 where z <= 0, and nowhere else, NaN included. When nothing but r reads z, r can take its memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import sympy as sp

from symnet.ir.functions import le, max2
from symnet.ir.program import Program, Statement, leaf, statement
from symnet.passes.definitions import definition, whole
from symnet.passes.order import ordered


def ask_positives(program: Program) -> Program:
    """The same values, with conditions on what is read for its positive part only turned into conditions on that."""
    parts = dict(_positive_parts(program))
    if not parts:
        return program
    return ordered(program.with_statements(tuple(_asked(s, parts) for s in program.statements)))


def _positive_parts(program: Program) -> Iterator[tuple[str, str]]:
    """The tensors that only a maximum with 0 and conditions read, each with the tensor of its positive part."""
    for s in program.statements:
        if definition((s,)) is None or s.body not in (max2(0, leaf(0)), max2(leaf(0), 0)):
            continue
        (access,) = s.leaves
        if access.places != s.target.places or access.default is not None or not whole(s, program.tensors):
            continue
        name, part = access.tensor, s.target.tensor
        extents = (program.tensors[n].extents for n in (name, part))
        single = len(program.writers[part]) == 1 and name in program.writers and name not in program.wanted
        readers = [reader for reader in program.readers[name] if reader is not s]
        if single and len(set(extents)) == 1 and readers and all(_only_asks(reader, name) for reader in readers):
            yield name, part


def _only_asks(reader: Statement, name: str) -> bool:
    """Whether a statement reads a tensor in conditions `… <= 0` only."""
    own = {leaf(k) for k, access in enumerate(reader.leaves) if access.tensor == name}
    if any(access.tensor == name and access.default is not None for access in reader.leaves):
        return False
    if any(name in access.tensors[1:] for access in (reader.target, *reader.leaves)):
        return False
    asked = [e for e in sp.preorder_traversal(reader.body) if isinstance(e, le) and e.args[0] in own and e.args[1] == 0]
    return own.isdisjoint(reader.body.xreplace(dict.fromkeys(asked, sp.S.Zero)).free_symbols)


def _asked(s: Statement, parts: dict[str, str]) -> Statement:
    """The statement with its conditions on the positive parts."""
    if not any(access.tensor in parts for access in s.leaves) or s.target.tensor in parts.values():
        return s
    leaves = tuple(replace(a, tensor=parts[a.tensor]) if a.tensor in parts else a for a in s.leaves)
    return statement(s.target, s.op, s.domain, s.body, leaves, s.guards, s.origin)
