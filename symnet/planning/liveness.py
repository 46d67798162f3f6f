"""How long each tensor lives, and which tensors share a buffer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from symnet.ir.program import Program, Statement
from symnet.planning.costs import INTEGER_BYTES, REAL_BYTES, volume

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Life:
    """The numbers of the first statement that writes a tensor and of the last one that reads or writes it."""

    start: int
    end: int


def lives(
    program: Program, keep: Collection[str], steps: Sequence[int] = (), besides: Mapping[str, str] = NOTHING
) -> dict[str, Life]:
    """The life of every tensor that the statements write, in the order of their first writes.

    A tensor that is kept lives beyond the last statement. `steps` are the numbers of the statements where they are not
    just counted: all statements of a loop have the same one. `besides` says of a tensor which other one is read where
    it is written, although its statement does not say so.
    """
    numbers = steps or range(len(program.statements))
    start: dict[str, int] = {}
    end: dict[str, int] = {}
    for number, s in zip(numbers, program.statements, strict=True):
        start.setdefault(s.target.tensor, number)
        for name in (s.target.tensor, *s.reads):
            end[name] = number
        if s.target.tensor in besides:
            end[besides[s.target.tensor]] = number
    after = max(numbers, default=-1) + 1
    return {name: Life(first, after if name in keep else end[name]) for name, first in start.items()}


def shared_buffers(
    program: Program,
    keep: Collection[str],
    steps: Sequence[int] = (),
    apart: Mapping[str, str] = NOTHING,
    *,
    in_place: bool = False,
) -> dict[str, str]:
    """Tensor to the tensor whose buffer it takes over, for those that need none of their own; `steps` as in `lives`.

    A buffer passes on when its last reader is done, or in the statement that reads it last where that is elementwise
    and meets each element of both in the same step. Only tensors of equal kind and equal shape share, and none that is
    kept `apart`; each of those with what is read besides where it is written. `in_place`: only in the latter way; the
    rest is left to `planning/memory.py`, which sees all buffers.
    """
    found = lives(program, keep, steps, apart)
    alone = _alone(program, steps)
    free: dict[object, list[str]] = {}
    owner: dict[str, str] = {}
    ending: dict[int, list[str]] = {}
    for name, life in found.items():
        ending.setdefault(life.end, []).append(name)
    released = -1
    for name, life in found.items():
        tensor = program.tensors[name]
        if not tensor.extents or name in apart:
            continue
        for number in range(released + 1, life.start):
            for dead in ending.get(number, ()):
                if dead in apart:
                    continue
                free.setdefault(_shape(program, dead), []).append(owner.get(dead, dead))
        released = max(released, life.start - 1)
        writer = alone.get(life.start)
        taken = None if writer is None else _taken_in_place(program, writer, found, life.start, owner, apart)
        if taken is not None:
            owner[name] = taken
            ending[life.start] = [n for n in ending[life.start] if owner.get(n, n) != taken]
            continue
        pool = [] if in_place else free.get(_shape(program, name), [])
        if pool:
            owner[name] = pool.pop()
    return owner


def _alone(program: Program, steps: Sequence[int]) -> dict[int, Statement]:
    """The statements that have their step to themselves, by its number."""
    if not steps:
        return dict(enumerate(program.statements))
    count = Counter(steps)
    return {number: s for number, s in zip(steps, program.statements, strict=True) if count[number] == 1}


def _shape(program: Program, name: str) -> object:
    tensor = program.tensors[name]
    return tensor.extents, tensor.integer


def _taken_in_place(
    program: Program, s: Statement, found: dict[str, Life], number: int, owner: dict[str, str], apart: Collection[str]
) -> str | None:
    """The buffer of an operand that the statement reads for the last time, element by element as it writes."""
    for name in _met(program, s):
        life = found.get(name)
        if name not in apart and life is not None and life.end == number:
            return owner.get(name, name)
    return None


def takes_over(program: Program, s: Statement) -> str | None:
    """The operand whose place the result of a statement may take, where that is its last reader."""
    return next(_met(program, s), None)


def _met(program: Program, s: Statement) -> Iterator[str]:
    """The operands of equal kind and shape that a statement meets element by element as it writes."""
    if s.reduced or s.guards or s.target.plain is None or len(program.writers[s.target.tensor]) > 1:
        return
    wanted = program.tensors[s.target.tensor].extents
    if tuple(s.extents[name] for name in s.target.plain) != wanted:
        return
    for access in s.leaves:
        if program.tensors[access.tensor].given or _shape(program, access.tensor) != _shape(program, s.target.tensor):
            continue
        reads = [other for other in s.leaves if access.tensor in other.tensors]
        if access.plain == s.target.plain and len(reads) == 1 and access.default is None:
            yield access.tensor


def tensor_bytes(program: Program, name: str, sizes: Mapping[str, int], narrow: Collection[str] = ()) -> int:
    """What a tensor takes in float32: nothing where it is a number, and one byte for each of the `narrow` integers."""
    tensor = program.tensors[name]
    if not tensor.extents:
        return 0
    each = 1 if name in narrow else INTEGER_BYTES if tensor.integer else REAL_BYTES
    return volume(tensor.extents).value(sizes) * each
