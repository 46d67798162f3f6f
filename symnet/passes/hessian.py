"""Second derivatives of the loss as tensors of their own: the tangents of a gradient in all directions at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from symnet.ir.affine import Affine
from symnet.ir.bundle import Differentiated
from symnet.ir.program import Access, Program, Tensor, fresh_name, leaf, statement
from symnet.language.extents import Extent
from symnet.language.network import Network
from symnet.passes.deltas import on_diagonals_only
from symnet.passes.differentiate import differentiate
from symnet.passes.pipeline import SECOND, WIDE, narrowed, nothing_minimised, run_all, stabilised
from symnet.passes.simplify import canonical_indices
from symnet.passes.tangent import jacobian

Box = tuple[tuple[str, Extent], ...]


def gradient_of(net: Network, wrt: Sequence[str]) -> Differentiated:
    """The gradient of the loss, simplified, every tensor of the spec kept, ready to be differentiated again."""
    if net.objective is None:
        raise nothing_minimised(net)
    derived = differentiate(stabilised(net, (net.objective,)), {net.objective: None}, wrt)
    return replace(derived, program=run_all(WIDE, derived.program))


def hessian(net: Network, chosen: Sequence[str]) -> tuple[Program, dict[tuple[str, str], str]]:
    """A program with the second derivatives by all pairs of some tensors, by (rows, columns).

    Of a block and its transpose one is calculated.
    """
    gradient = gradient_of(net, chosen)
    adjoints, program = dict(gradient.gradients), gradient.program
    blocks: dict[tuple[str, str], str] = {}
    for number, column in enumerate(chosen):
        rows = chosen[: number + 1]
        moved = jacobian(program, column, [adjoints[row] for row in rows])
        program = moved.program
        blocks |= {(row, column): dict(moved.tangents)[adjoints[row]] for row in rows}
    for row, column in tuple(blocks):
        if row != column:
            name = fresh_name(f"d{adjoints[column]}_d{row}", program.tensors)
            block = program.tensors[blocks[row, column]]
            turned = replace(block, name=name, of=adjoints[column], by=row)
            program = _transposed(program, turned, block.name, len(net.tensors[row].extents))
            blocks[column, row] = name
    program = run_all((*SECOND, *WIDE), replace(program, results=(*gradient.program.results, *blocks.values())))
    return program, {(row, column): blocks[row, column] for row in chosen for column in chosen}


def diagonals(net: Network, chosen: Sequence[str]) -> tuple[Program, dict[str, str]]:
    """A program with the second derivatives by every element of some tensors twice, by tensor.

    Only what they need of the Hessian is calculated.
    """
    gradient = gradient_of(net, chosen)
    adjoints, program = dict(gradient.gradients), gradient.program
    found: dict[str, str] = {}
    for name in chosen:
        moved = jacobian(program, name, [adjoints[name]])
        ((_, block),) = moved.tangents
        box = _box(net.tensors[name].extents)
        found[name] = fresh_name(f"{block}_read", moved.program.tensors)
        program = _read(moved.program, replace(moved.program.tensors[block], name=found[name]), box, block, box * 2)
    results = gradient.program.results
    program = on_diagonals_only(narrowed(program, (*results, *found.values())))
    found = {name: _source(program, tensor) for name, tensor in found.items()}
    return run_all((*SECOND, *WIDE), narrowed(program, (*results, *found.values()))), found


def _transposed(program: Program, turned: Tensor, name: str, rank: int) -> Program:
    """The program with a new tensor in which the first `rank` dimensions of another one come last."""
    extents = program.tensors[name].extents
    names = canonical_indices(program).get(name)
    box = tuple(zip(names, extents, strict=True)) if names else _box(extents)
    return _read(program, turned, (*box[rank:], *box[:rank]), name, box)


def _read(program: Program, new: Tensor, target: Box, name: str, places: Box) -> Program:
    """The program with `new[target] = name[places]` behind it."""
    access = Access(name, tuple(Affine.index(n) for n, _ in places))
    plain = Access(new.name, tuple(Affine.index(n) for n, _ in target))
    read = statement(plain, "=", target, leaf(0), (access,), (), "read")
    tensors = {**program.tensors, new.name: replace(new, extents=tuple(extent for _, extent in target))}
    return replace(program, tensors=tensors, statements=(*program.statements, read))


def _source(program: Program, name: str) -> str:
    """The tensor that another one is a mere copy of by now, if it is one."""
    (s,) = program.writers[name]
    return s.leaves[0].tensor if s.leaves[0].places == s.target.places else name


def _box(extents: Sequence[Extent]) -> Box:
    return tuple((f"i{k}", extent) for k, extent in enumerate(extents))
