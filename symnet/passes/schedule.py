"""Schedule: statements that depend on each other in a circle become loops; everything else stays outside of them.

    Program  ->  items in order;  item = Statement | Loop(index, extent, step, items)

The circle is looked for between statements, not tensors: of `a[t] += x[t]*W` and `a[t] += h[t-1]*U` only the second is
in the circle of a recurrence h, so that the input product stays one large contraction before the loop. In a circle
every tensor has one dimension, its time, and every read in the circle lies at a constant distance along it: all behind
(a forward loop) or all ahead (the adjoint's loop; that it runs backward is a consequence). What lies at distance 0 must
be free of circles, or is scheduled in turn along another dimension.

Inside of a loop the time is a size that is known, named after the index. A read with `else` that leaves its range at
some times, such as the state before the first step, makes two statements, each under the guard that says when it runs:
a guard without an index in it, a test of the time.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import product

import sympy as sp

from symnet.errors import UnsupportedError
from symnet.ir.affine import Affine
from symnet.ir.functions import INFINITY
from symnet.ir.order import components, cyclic_groups
from symnet.ir.program import (
    Access,
    Indirect,
    Place,
    Program,
    Statement,
    fresh_name,
    index_symbol,
    leaf,
    size_expression,
    size_symbol,
    statement,
)
from symnet.language.extents import Extent


@dataclass(frozen=True)
class Loop:
    """`items` for index = 0, ..., extent - 1, in this order where `step` is 1, in the opposite one where it is -1.

    The index is a size for the statements in it.
    """

    index: str
    extent: Extent
    step: int
    items: tuple[Item, ...]


Item = Statement | Loop
# For each loop around, from the outermost on: the tensors of its circle, each with the dimension that is its time.
Levels = tuple[Mapping[str, int], ...]
# For each loop around, the length of its time.
Times = Mapping[str, Extent]


def schedule(program: Program) -> tuple[Item, ...]:
    """The statements of a program in an order in which they can be calculated, circles as loops.

    UnsupportedError for a circle that is no recurrence at constant distances.
    """
    return _scheduled(program.statements, program, (), {})


def statements_of(items: Sequence[Item]) -> tuple[Statement, ...]:
    """All statements of a schedule, in order."""
    found: list[Statement] = []
    for item in items:
        found += statements_of(item.items) if isinstance(item, Loop) else (item,)
    return tuple(found)


def groups_of(program: Program) -> tuple[tuple[tuple[Statement, ...], bool], ...]:
    """The statements in the same order, before circles are made loops: one at a time, or a circle and True."""
    return (
        tuple(_groups(program.statements, ()))
        if cyclic_groups(program)
        else tuple(((s,), False) for s in program.statements)
    )


def _scheduled(statements: Sequence[Statement], program: Program, done: Levels, around: Times) -> tuple[Item, ...]:
    items: list[Item] = []
    for members, circular in _groups(statements, done):
        found = _loops(list(members), program, done, around) if circular else members
        if circular and not done:
            items += _never_written(members, statements_of(found), program)
        items += found
    return tuple(items)


def _groups(statements: Sequence[Statement], done: Levels) -> Iterator[tuple[tuple[Statement, ...], bool]]:
    edges = _edges(statements, done)
    groups = components(edges)
    group_of = {name: number for number, group in enumerate(groups) for name in group}
    # Components come with those they point to (what they read) first; between free ones the given order is kept.
    for number in _in_order(groups, edges, group_of):
        first = groups[number][0]
        members = tuple(statements[int(name)] for name in sorted(groups[number], key=int))
        yield members, len(members) > 1 or first in edges[first]


def _edges(statements: Sequence[Statement], done: Levels) -> dict[str, list[str]]:
    """For each statement those whose results it reads, at the same point of the loops around."""
    writers: dict[str, list[str]] = {}
    for k, s in enumerate(statements):
        writers.setdefault(s.target.tensor, []).append(str(k))
    edges: dict[str, list[str]] = {}
    for k, s in enumerate(statements):
        read: dict[str, None] = {}
        for access in _reads(s):
            for w in writers.get(access.tensor, ()):
                if not _carried(statements[int(w)], access, s, done):
                    read[w] = None
        # What is added to a base value comes behind it; sums may be added in any order.
        bases = [w for w in writers[s.target.tensor] if s.op == "+" and statements[int(w)].op == "="]
        edges[str(k)] = [*read, *(w for w in bases if w not in read)]
    return edges


def _reads(s: Statement) -> list[Access]:
    found = list(s.leaves)
    for access in (s.target, *s.leaves):
        found += [Access(p.tensor, p.indices) for p in access.places if isinstance(p, Indirect)]
    return found


def _carried(writer: Statement, access: Access, reader: Statement, done: Levels) -> bool:
    """Whether a read is of an element that another step of a surrounding loop writes."""
    for times in done:
        if access.tensor not in times or reader.target.tensor not in times:
            continue
        own, read = reader.target.places[times[reader.target.tensor]], access.places[times[access.tensor]]
        if _difference(own, read) not in (None, 0):
            return True
    return False


def _difference(a: Place, b: Place) -> int | None:
    if not isinstance(a, Affine) or not isinstance(b, Affine):
        return None
    rest = a - b
    return None if rest.terms else rest.constant.constant


def _in_order(groups: list[list[str]], edges: Mapping[str, list[str]], group_of: Mapping[str, int]) -> list[int]:
    """The components in an order in which each comes behind what it needs, the earliest statement first."""
    needs = {n: {group_of[w] for name in group for w in edges[name]} - {n} for n, group in enumerate(groups)}
    start = {n: min(int(name) for name in group) for n, group in enumerate(groups)}
    wanted_by: dict[int, list[int]] = {n: [] for n in needs}
    for n, needed in needs.items():
        for m in needed:
            wanted_by[m].append(n)
    left = {n: len(needed) for n, needed in needs.items()}
    ready = [(start[n], n) for n, count in left.items() if not count]
    heapq.heapify(ready)
    order = []
    while ready:
        _, n = heapq.heappop(ready)
        order.append(n)
        for m in wanted_by[n]:
            left[m] -= 1
            if not left[m]:
                heapq.heappush(ready, (start[m], m))
    return order


# --- one circle ------------------------------------------------------------------------------------


def _loops(members: list[Statement], program: Program, done: Levels, around: Times) -> tuple[Item, ...]:
    """The loop of a circle; none where all of its distances are longer than it is."""
    times, direction = _times(members, program, done)
    taken = dict.fromkeys((*program.sizes, *program.tensors, *(n for s in members for n in s.extents)))
    name = _time_index(members[0], times)
    if (
        sum(name in s.extents for s in members) > sum(name in s.target.indices for s in members)
        or name in program.sizes
        or name in program.tensors
    ):
        name = fresh_name("t", taken)
    extent = _longest(times, program)
    inner = replace(program, sizes=(*program.sizes, name))
    known = {**around, name: extent}
    moved = [v for s in members for v in _variants(_at_time(s, times[s.target.tensor], name), inner, known)]
    items = _scheduled(moved, inner, (*done, times), known)
    return (Loop(name, extent, direction, items),) if items else ()


def _never_written(members: Sequence[Statement], left: Sequence[Statement], program: Program) -> list[Statement]:
    """Zeros for the tensors of which no statement is left, because a loop is too short for their distances."""
    written = {s.target.tensor for s in left}
    names = dict.fromkeys(s.target.tensor for s in members if s.target.tensor not in written)
    silent = [name for name in names if all(s in members and s.op == "+" for s in program.writers[name])]
    return [_zeros(name, program.tensors[name].extents) for name in silent]


def _zeros(name: str, extents: Sequence[Extent]) -> Statement:
    domain = tuple((f"{name}_{k}", extent) for k, extent in enumerate(extents))
    return statement(Access(name, tuple(Affine.index(index) for index, _ in domain)), "=", domain, sp.S.Zero, ())


def _longest(times: Mapping[str, int], program: Program) -> Extent:
    """The length that a loop needs: of tensors with times of different lengths, that of the longest."""
    extents = dict.fromkeys(program.tensors[t].extents[d] for t, d in times.items())
    for extent in extents:
        if all((extent - other).at_least(0) for other in extents):
            return extent
    lengths = " and ".join(f"{t} has {program.tensors[t].extents[d]}" for t, d in times.items())
    raise UnsupportedError(
        f"the times of a recurrence have lengths of which none is known to be the longest: {lengths}",
        hint="give the tensors of the recurrence the same length",
    )


def _time_index(s: Statement, times: Mapping[str, int]) -> str:
    place = s.target.places[times[s.target.tensor]]
    return place.indices[0] if isinstance(place, Affine) and place.indices else "t"


def _times(members: list[Statement], program: Program, done: Levels) -> tuple[dict[str, int], int]:
    """The dimension of each tensor of a circle that is its time, and the direction in which it runs."""
    first = members[0].target
    for dimension in range(len(first.places)):
        times = _extended({first.tensor: dimension}, members)
        if times is None or any(level.get(t) == d for level in done for t, d in times.items()):
            continue
        distances = _distances(members, times)
        if distances is None or not any(distances):
            continue
        if all(d >= 0 for d in distances):
            return times, 1
        if all(d <= 0 for d in distances):
            return times, -1
    names = ", ".join(dict.fromkeys(s.target.tensor for s in members))
    raise UnsupportedError(
        f"{names} depend on each other in a circle that is no recurrence",
        hint="every read in the circle has to lie at a constant distance along one index, all before or all after",
    )


def _extended(times: dict[str, int], members: list[Statement]) -> dict[str, int] | None:
    """The time of every tensor of the circle, found by following the time index of its statements."""
    names = {s.target.tensor for s in members}
    changed = True
    while changed and len(times) < len(names):
        changed = False
        for s in members:
            for access in s.leaves:
                if access.tensor in names and _extend(times, s.target, access) | _extend(times, access, s.target):
                    changed = True
    return times if len(times) == len(names) else None


def _extend(times: dict[str, int], known: Access, new: Access) -> bool:
    if known.tensor not in times or new.tensor in times:
        return False
    place = known.places[times[known.tensor]]
    for dimension, other in enumerate(new.places):
        if _difference(place, other) is not None:
            times[new.tensor] = dimension
            return True
    return False


def _distances(members: list[Statement], times: Mapping[str, int]) -> list[int] | None:
    """How far behind its own time each read of the circle lies."""
    found: list[int] = []
    for s in members:
        own = s.target.places[times[s.target.tensor]]
        if not isinstance(own, Affine) or len(own.terms) != 1 or own.terms[0][1].constant != 1:
            return None
        for access in s.leaves:
            if access.tensor in times:
                distance = _difference(own, access.places[times[access.tensor]])
                if distance is None:
                    return None
                found.append(distance)
    return found


def _at_time(s: Statement, dimension: int, name: str) -> Statement:
    """The statement for the time `name`, which is a size for it: its own time index is gone from the domain."""
    place = s.target.places[dimension]
    assert isinstance(place, Affine)
    index = place.indices[0]
    here = Affine.of(Extent.size(name) - place.constant)
    extent = s.extents[index]
    moved = {index: here}
    # The statement runs only where its own index is in its range.
    guards = (*(g.substitute(moved) for g in s.guards), here, Affine.of(extent - 1) - here)
    body = s.body.xreplace({index_symbol(index): size_symbol(name) - size_expression(place.constant)})
    domain = tuple((n, e) for n, e in s.domain if n != index)
    leaves = tuple(a.substitute(moved) for a in s.leaves)
    made = statement(s.target.substitute(moved), s.op, domain, body, leaves, (), s.origin)
    return replace(made, guards=guards)


# --- range checks that depend on the time ----------------------------------------------------------


def _variants(s: Statement, program: Program, times: Times) -> list[Statement]:
    """The statement without range checks of the time alone: one for each way in which they can come out."""
    guards = []
    for guard in s.guards:
        verdict = None if guard.terms else _verdict(guard.constant, times)
        if verdict is False:
            return []
        if verdict is None:
            guards.append(guard)
    s = replace(s, guards=tuple(dict.fromkeys(guards)))
    for k, access in enumerate(s.leaves):
        for check in _time_checks(access, program):
            known = _known(s, check, times)
            if known is False:
                return _variants(_outside(s, k), program, times)
            if known is None:
                ways = [replace(s, guards=_with(s.guards, c, times)) for c in (check, -check - 1)]
                return [v for way in ways for v in _variants(way, program, times)]
    s = _certain(s, program)
    return [] if s.op == "+" and s.body == 0 else [s]


def _known(s: Statement, check: Extent, times: Times) -> bool | None:
    """Whether a condition holds whenever the statement runs (True), never (False), or neither is known."""
    if any(_implied(check, guard, times) for guard in s.guards):
        return True
    if any(_implied(-check - 1, guard, times) for guard in s.guards):
        return False
    return _verdict(check, times)


def _implied(check: Extent, guard: Affine, times: Times) -> bool:
    """Whether a condition (>= 0) holds where a guard of the time alone does."""
    beyond = check - guard.constant
    return not guard.terms and times.keys().isdisjoint(beyond.sizes) and beyond.at_least(0)


def _with(guards: Sequence[Affine], check: Extent, times: Times) -> tuple[Affine, ...]:
    """Guards and a condition, without those of the time that hold where it does."""
    one = Affine.of(check)
    return (*(g for g in guards if g.terms or not _implied(g.constant, one, times)), one)


def _time_checks(access: Access, program: Program) -> list[Extent]:
    """The conditions (>= 0) under which the places of a read that depend on the time alone are in range."""
    if access.default is None:
        return []
    found = []
    for place, extent in zip(access.places, program.tensors[access.tensor].extents, strict=True):
        if isinstance(place, Affine) and not place.terms:
            found += [place.constant, extent - 1 - place.constant]
    return found


def _verdict(check: Extent, times: Times) -> bool | None:
    """Whether a condition (>= 0) holds at all times (True), at none (False), or neither is known."""
    # Both bounds of a time, 0 and extent - 1, with something of at least 1 added and taken away again.
    bounds = [
        [(name, Extent.size(f"_{name}") - 1), (name, extent - Extent.size(f"_{name}"))]
        for name, extent in times.items()
        if name in check.sizes
    ]
    for chosen in product(*bounds):
        moved = check.substitute(dict(chosen))
        if moved.at_least(0):
            return True
        if (-moved - 1).at_least(0):
            return False
    return None


def _outside(s: Statement, k: int) -> Statement:
    """The statement where leaf k is out of range, and so is its default."""
    body = s.body.xreplace({leaf(k): _constant(s.leaves[k].default or Fraction(0))})
    return replace(statement(s.target, s.op, s.domain, body, s.leaves, (), s.origin), guards=s.guards)


def _certain(s: Statement, program: Program) -> Statement:
    """Reads that the guards keep in range have no default any more."""
    leaves = tuple(
        replace(a, default=None) if _time_checks(a, program) and _only_time_can_leave(a, program, s) else a
        for a in s.leaves
    )
    if leaves == s.leaves:
        return s
    return replace(statement(s.target, s.op, s.domain, s.body, leaves, (), s.origin), guards=s.guards)


def _only_time_can_leave(access: Access, program: Program, s: Statement) -> bool:
    """Whether all places but those that depend on the time alone stay in range."""
    for place, extent in zip(access.places, program.tensors[access.tensor].extents, strict=True):
        if isinstance(place, Indirect):
            return False
        bounds = place.bounds(s.extents)
        if place.terms and (bounds is None or not bounds[0].at_least(0) or not (extent - 1).at_least(bounds[1])):
            return False
    return True


def _constant(value: Fraction | float) -> sp.Expr:
    if isinstance(value, Fraction):
        return sp.Rational(value.numerator, value.denominator)
    return INFINITY if value > 0 else -INFINITY
