"""The domain of a statement as the kernels want it: a box and, where a box cannot say it, masks.

A guard on a single index cuts the range of that index; the index then counts from the start of what is left. Guards
that join several indices stay behind as masks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import sympy as sp

from symnet.backends.numpy.scope import Scope
from symnet.ir.affine import Affine
from symnet.ir.program import Access, Statement, index_symbol, leaf_number, size_expression
from symnet.language.extents import Extent

ONE = Extent.of(1)


@dataclass(frozen=True)
class Task:
    """A statement with its single-index guards turned into ranges.

    box     index to extent, in the order of D
    masks   the guards that are left
    cut     the indices whose range may be empty
    """

    target: Access
    op: str
    box: dict[str, Extent]
    masks: tuple[Affine, ...]
    leaves: tuple[Access, ...]
    body: sp.Expr
    cut: frozenset[str] = field(default=frozenset())

    @property
    def empty(self) -> bool:
        """Whether the domain is known to have no points."""
        return any(not self.box[name].terms for name in self.cut)

    @property
    def free(self) -> tuple[str, ...]:
        """The indices of the box that the target mentions, in the order of the box."""
        used = set(self.target.indices)
        return tuple(name for name in self.box if name in used)

    @property
    def reduced(self) -> tuple[str, ...]:
        """The indices of the box that are reduced, in the order of the box."""
        used = set(self.target.indices)
        return tuple(name for name in self.box if name not in used)


def two_tensors(task: Task, factors: Sequence[sp.Expr]) -> tuple[tuple[Access, Access], ...]:
    """The tensors of a product of two over whole ranges, in both orders; none where it is another product."""
    numbers = [leaf_number(factor) if isinstance(factor, sp.Symbol) else None for factor in factors]
    if len(numbers) != 2 or None in numbers or task.masks or task.cut:
        return ()
    left, right = (task.leaves[number or 0] for number in numbers)
    return (left, right), (right, left)


def task_of(scope: Scope, s: Statement) -> Task:
    """The statement as a task."""
    task = Task(s.target, s.op, dict(s.domain), (), s.leaves, s.body)
    cuts = [guard for guard in s.guards if _is_cut(scope, guard)]
    masks = tuple(guard for guard in s.guards if not _is_cut(scope, guard))
    if s.op in ("argmax", "argmin"):
        masks, cuts = s.guards, []  # positions count from the start of the whole domain
    shifts: dict[str, Affine] = {}
    for name in dict.fromkeys(guard.indices[0] for guard in cuts):
        own = [guard for guard in cuts if guard.indices[0] == name]
        shifts[name], task.box[name] = _range(scope, name, task.box[name], own)
    return replace(shifted(replace(task, masks=masks), shifts), cut=frozenset(shifts))


def shifted(task: Task, shifts: dict[str, Affine]) -> Task:
    """The task with affine expressions in the place of indices, in every access, mask and the body."""
    shifts = {name: place for name, place in shifts.items() if place != Affine.index(name)}
    if not shifts:
        return task
    values = {
        index_symbol(name): size_expression(p.constant)
        + sum((size_expression(c) * index_symbol(n) for n, c in p.terms), sp.S.Zero)
        for name, p in shifts.items()
    }
    return replace(
        task,
        target=task.target.substitute(shifts),
        masks=tuple(mask.substitute(shifts) for mask in task.masks),
        leaves=tuple(access.substitute(shifts) for access in task.leaves),
        body=task.body.xreplace(values),
    )


def _is_cut(scope: Scope, guard: Affine) -> bool:
    return len(guard.terms) == 1 and guard.terms[0][1].constant is not None and not scope.is_moving(guard.constant)


def _range(scope: Scope, name: str, extent: Extent, guards: list[Affine]) -> tuple[Affine, Extent]:
    """The index as its new self plus the start of its range, and the length of the range."""
    starts, stops = [Extent()], [extent]
    for guard in guards:
        step = guard.terms[0][1].constant or 1
        if step > 0:
            starts.append(-(guard.constant // step))
        else:
            stops.append(guard.constant // -step + 1)
    start, stop = _start(scope, name, starts), _stop(scope, name, stops)
    length = stop - start
    if (-length).at_least(0):
        length = Extent()
    if not length.at_least(0):
        length = scope.length(f"{name}_end", ((ONE,), (length + 1,)))
    return Affine.index(name) + start, length


def _start(scope: Scope, name: str, choices: list[Extent]) -> Extent:
    """The greatest of some starts, one of which is 0: one of them where that is proved, else a number of the plan."""
    kept = [c for k, c in enumerate(choices) if not any(_covered(c, other) for other in _others(choices, k))]
    if len(kept) == 1:
        return kept[0]
    return scope.length(f"{name}_start", tuple((choice + 1,) for choice in kept))


def _stop(scope: Scope, name: str, choices: list[Extent]) -> Extent:
    """The least of some stops. Below 0 it is all the same: the range is empty."""
    kept = [c for k, c in enumerate(choices) if not any(_covered(other, c) for other in _others(choices, k))]
    if len(kept) == 1:
        return kept[0]
    return scope.length(f"{name}_stop", ((ONE,), tuple(choice + 1 for choice in kept)))


def _others(choices: list[Extent], number: int) -> list[Extent]:
    """The other choices; of equal ones the first counts."""
    return [c for k, c in enumerate(choices) if k < number or (k > number and c != choices[number])]


def _covered(small: Extent, large: Extent) -> bool:
    return large.at_least(small)
