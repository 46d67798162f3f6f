"""Programs with recurrences: what they become before they are emitted, and the blocks of loops and tests.

Inside of a loop its time is a size. Proofs take every size to be at least 1 and a time starts at 0, so that in extents
it stands as another size less 1; `Scope` prints it as the time again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.order import cyclic_groups
from symnet.ir.program import Access, Indirect, Place, Program, Statement, size_symbol
from symnet.language.extents import Extent
from symnet.passes.schedule import Item, Loop, schedule, statements_of


@dataclass(frozen=True)
class Step:
    """A statement as it is shown and as it is emitted."""

    shown: Statement
    emitted: Statement


@dataclass(frozen=True)
class Repeated:
    """The steps of a loop."""

    loop: Loop
    items: tuple[Step | Repeated, ...]


Part = Step | Repeated


def scheduled(program: Program) -> tuple[Item, ...]:
    """The statements in order, recurrences as loops. UnsupportedError for a circle that is no recurrence."""
    return schedule(program) if cyclic_groups(program) else program.statements


def flat(program: Program, items: Sequence[Item]) -> Program:
    """The program of all statements of a schedule, with their times as sizes."""
    times = tuple(dict.fromkeys(loop.index for loop in _loops(items)))
    shift = {time: Extent.size(inner_size(time)) - 1 for time in times}
    statements = tuple(_resized(s, shift) for s in statements_of(items))
    return replace(program, statements=statements, sizes=(*program.sizes, *map(inner_size, times)))


def inner_size(time: str) -> str:
    """The size that stands for one more than a time."""
    return f"{time}+1"


def time_dimensions(items: Sequence[Item]) -> dict[str, tuple[int, ...]]:
    """The dimensions along which loops write a tensor, the outermost loop first."""
    found: dict[str, list[int]] = {}
    for loop in _loops(items):
        for s in statements_of(loop.items):
            for dimension, place in enumerate(s.target.places):
                known = found.setdefault(s.target.tensor, [])
                timed = isinstance(place, Affine) and not place.terms and loop.index in place.constant.sizes
                if timed and dimension not in known:
                    known.append(dimension)
    return {name: tuple(dimensions) for name, dimensions in found.items() if dimensions}


def steps_of(items: Sequence[Item]) -> list[int]:
    """The number of each statement's step: a loop is one step, with everything in it."""
    numbers: list[int] = []
    for number, item in enumerate(items):
        numbers += [number] * len(statements_of((item,)))
    return numbers


def parts(items: Sequence[Item], stored: Program) -> tuple[Part, ...]:
    """The schedule again, each statement with the one that is emitted for it."""
    return _parts(items, iter(stored.statements))


def _parts(items: Sequence[Item], emitted: Iterator[Statement]) -> tuple[Part, ...]:
    return tuple(
        Repeated(item, _parts(item.items, emitted)) if isinstance(item, Loop) else Step(item, next(emitted))
        for item in items
    )


def _loops(items: Sequence[Item]) -> Iterator[Loop]:
    for item in items:
        if isinstance(item, Loop):
            yield item
            yield from _loops(item.items)


def written_in(part: Repeated) -> Iterator[Statement]:
    """The statements of a loop and of the loops in it, as they are emitted."""
    for item in part.items:
        if isinstance(item, Repeated):
            yield from written_in(item)
        else:
            yield item.emitted


# --- sizes -----------------------------------------------------------------------------------------


def _resized(s: Statement, sizes: dict[str, Extent]) -> Statement:
    """The statement with extents in the place of sizes. In the body a time is any integer from 0."""
    if not sizes:
        return s
    times = {size_symbol(time): sp.Symbol(time, integer=True, nonnegative=True) for time in sizes}

    def affine(a: Affine) -> Affine:
        return Affine(tuple((n, c.substitute(sizes)) for n, c in a.terms), a.constant.substitute(sizes))

    def place(p: Place) -> Place:
        return replace(p, indices=tuple(map(affine, p.indices))) if isinstance(p, Indirect) else affine(p)

    def access(a: Access) -> Access:
        return replace(a, places=tuple(map(place, a.places)))

    return replace(
        s,
        target=access(s.target),
        guards=tuple(map(affine, s.guards)),
        leaves=tuple(map(access, s.leaves)),
        body=s.body.xreplace(times),
    )


def exclude_each_other(writers: Sequence[Statement]) -> bool:
    """Whether no two of some statements write the same elements: they run at different times, or at other places."""
    return all(_apart(writers[one], writers[other]) for one in range(len(writers)) for other in range(one))


def _apart(one: Statement, other: Statement) -> bool:
    tests = {guard.constant for guard in other.guards if not guard.terms}
    if any(-guard.constant - 1 in tests for guard in one.guards if not guard.terms):
        return True
    ranges = zip(_ranges(one), _ranges(other), strict=True)
    return any(a is not None and b is not None and _above(a, b) != _above(b, a) for a, b in ranges)


def _ranges(s: Statement) -> list[tuple[Extent, Extent] | None]:
    """The least and the greatest place that a statement writes in each dimension, where that is known."""
    return [place.bounds(s.extents) if isinstance(place, Affine) else None for place in s.target.places]


def _above(one: tuple[Extent, Extent], other: tuple[Extent, Extent]) -> bool:
    """Whether all of a range is proved to lie above another one."""
    return one[0].at_least(other[1] + 1)


def fill(writers: Sequence[Statement], extents: Sequence[Extent], lengths: Mapping[str, Extent]) -> bool:
    """Whether statements of loops are proved to write every element of a tensor, each once.

    `lengths` are those of the loops around all of them, by time.
    """
    if any(s.guards for s in writers) or not exclude_each_other(writers):
        return False
    times = {Affine.of(Extent.size(inner_size(time)) - 1): length for time, length in lengths.items()}
    written = Extent()
    for s in writers:
        count, seen = Extent.of(1), set[str]()
        for place in s.target.places:
            if not isinstance(place, Affine) or not seen.isdisjoint(place.indices) or len(place.terms) > 1:
                return False
            seen.update(place.indices)
            reach = times.get(place) if not place.terms else s.extents[place.indices[0]]
            count = count * (reach if reach is not None else 1)
        written = written + count
    total = Extent.of(1)
    for extent in extents:
        total = total * extent
    return written == total
