"""What is one number for each example is not added to in place, which is slow where there is one example.

y[n] += sum(i: x[n, i]*w[i])        y_sum[n] = sum(i: x[n, i]*w[i])
y[n] += b                           y[n] = b + y_sum[n]
"""

from __future__ import annotations

from dataclasses import replace

from symnet.ir.order import looping_tensors
from symnet.ir.program import Access, Program, Statement, Tensor, fresh_name, leaf, statement
from symnet.passes.definitions import whole
from symnet.passes.order import ordered
from symnet.planning.costs import is_single


def named_parts(program: Program) -> Program:
    """The same values: where two statements add to such a tensor, what the one gives that sums gets a name."""
    tensors = dict(program.tensors)
    instead: dict[int, Statement] = {}
    looping = looping_tensors(program)
    for name, writers in program.writers.items():
        if name in looping or not _is_sum_of_two(program.tensors[name], writers, program):
            continue
        summed, other = sorted(writers, key=lambda s: not s.reduced)
        part = fresh_name(f"{name}_sum", tensors)
        tensors[part] = Tensor(part, tensors[name].extents, "value")
        instead[id(summed)] = replace(summed, target=Access(part, summed.target.places))
        leaves = {leaf(k): access for k, access in enumerate(other.leaves)}
        own = leaf(len(leaves))
        leaves[own] = Access(part, other.target.places)
        instead[id(other)] = statement(other.target, "=", other.domain, other.body + own, leaves, origin=other.origin)
    statements = tuple(instead.get(id(s), s) for s in program.statements)
    return ordered(replace(program, tensors=tensors, statements=statements)) if instead else program


def _is_sum_of_two(tensor: Tensor, writers: tuple[Statement, ...], program: Program) -> bool:
    """Whether all of the tensor is added to twice, once by a statement that sums and once by one that does not."""
    if not any(extent.sizes for extent in tensor.extents) or not is_single(tensor.extents) or tensor.integer:
        return False
    plain = all(s.op == "+" and not s.guards and whole(s, program.tensors) for s in writers)
    return plain and [bool(s.reduced) for s in writers] in ([True, False], [False, True])
