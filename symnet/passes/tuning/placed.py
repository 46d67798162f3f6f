"""What is only copied is written where the copy goes: heads are merged by the product that gives them.

a[n, h, t, d] = sum(s: p[n, h, t, s]*v[n, h, s, d])         y[n, t, 16*h + d] = sum(s: p[n, h, t, s]*v[n, h, s, d])
y[n, t, 16*h + d] = a[n, h, t, d]
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from symnet.ir.affine import Affine
from symnet.ir.order import looping_tensors
from symnet.ir.program import Access, Program, Statement, leaf
from symnet.passes.order import ordered
from symnet.planning.costs import volume
from symnet.planning.rows import PLACED


def written_in_place(program: Program) -> Program:
    """The same values, without sums that are copied to all of another tensor and read by nobody else."""
    copies = _copies(program) if PLACED() else {}
    if not copies:
        return program
    gone = {id(copy) for copy in copies.values()}
    statements = tuple(_moved(s, copies) for s in program.statements if id(s) not in gone)
    return ordered(replace(program, statements=statements))


def _copies(program: Program) -> dict[str, Statement]:
    """Tensor to the statement that copies it, where it may be written there at once."""
    reads = Counter(name for s in program.statements for name in s.reads)
    looping = looping_tensors(program)
    bound = looping.union(program.results)
    return {
        s.leaves[0].tensor: s
        for s in program.statements
        if _is_copy(s, program)
        and s.leaves[0].tensor not in bound
        and s.target.tensor not in looping
        and reads[s.leaves[0].tensor] == 1
        and all(_is_placeable(w, program) for w in program.writers[s.leaves[0].tensor])
    }


def _is_copy(s: Statement, program: Program) -> bool:
    """Whether a statement alone gives its tensor, and is a whole other one at other places."""
    if s.op != "=" or s.guards or s.body != leaf(0) or len(s.leaves) != 1 or len(program.writers[s.target.tensor]) > 1:
        return False
    source, target = program.tensors[s.leaves[0].tensor], program.tensors[s.target.tensor]
    names = s.leaves[0].plain
    if source.given or source.integer != target.integer or names is None or s.leaves[0].default is not None:
        return False
    whole = len(s.domain) == len(names) and tuple(s.extents[name] for name in names) == source.extents
    return whole and _is_affine(s.target) and volume(source.extents) == volume(target.extents)


def _is_placeable(s: Statement, program: Program) -> bool:
    """Whether it is a sum at affine places that reads no windows: how their results lie is better left to those."""
    if s.op != "+" or not s.reduced or not _is_affine(s.target):
        return False
    return not any(
        isinstance(place, Affine) and len(place.terms) > 1 and place.joined(s.extents, extent) is None
        for access in s.leaves
        for place, extent in zip(access.places, program.tensors[access.tensor].extents, strict=True)
    )


def _is_affine(access: Access) -> bool:
    return all(isinstance(place, Affine) for place in access.places)


def _moved(s: Statement, copies: Mapping[str, Statement]) -> Statement:
    """The statement with its target where the target's copies go."""
    while s.target.tensor in copies:
        copy = copies[s.target.tensor]
        places = zip(copy.leaves[0].plain or (), s.target.places, strict=True)
        s = replace(s, target=copy.target.substitute({n: p for n, p in places if isinstance(p, Affine)}))
    return s
