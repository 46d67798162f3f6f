"""Statements of a recurrence that do the same to neighbouring parts of a tensor become one statement over all of them.

A step of a loop works on few elements, and what it costs is the number of its calls. The gates of a cell, for instance:

i[n, t, k] = sigmoid(a[n, t, 0, k])            gates[p, n, t, k] = sigmoid(a[n, t, p, k])
f[n, t, k] = sigmoid(a[n, t, 1, k])            i is gates[0, n, t, k] from now on, and f is gates[1, n, t, k]

da[n, t, 0, k] += u[n, t, k]*dc[n, t, k]       da[n, t, p, k] += factors[p, n, t, k]*dc[n, t, k]
da[n, t, 1, k] += v[n, t, k]*dc[n, t, k]       u and v are written to factors[0, n, t, k] and factors[1, n, t, k]

The new dimension comes first, so that each part is one piece of memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import permutations

import sympy as sp

from symnet.ir.affine import Affine
from symnet.ir.order import cyclic_groups
from symnet.ir.program import Access, Place, Program, Statement, Tensor, fresh_name, leaf, statement
from symnet.language.extents import Extent
from symnet.passes.definitions import definition, whole
from symnet.passes.order import ordered
from symnet.passes.simplify import renamed
from symnet.passes.tuning.parts import Parts, in_parts, part_of_one
from symnet.planning.rows import JOINED

# In a body of more leaves, those that differ are not looked for in every order.
MOST_LEAVES = 5

# How an access of one statement differs from that of the next: not at all, by the tensor, or by 1 in the place of this
# number.
SAME, ANOTHER = -1, -2


def join(program: Program) -> Program:
    """The same values with fewer statements in loops."""
    for _ in program.statements:
        run = next(_Search(program).runs(), None)
        if run is None or not JOINED(len(run.rows)):
            break
        program = ordered(_joined(run, program))
    return program


@dataclass(frozen=True)
class _Run:
    """Statements to be joined, in order.

    rows   of each its target and its leaves, with the indices of the first, what plays the same part at the same place
    kinds  how the accesses at each place differ from row to row
    """

    statements: tuple[Statement, ...]
    rows: tuple[tuple[Access, ...], ...]
    kinds: tuple[int, ...] = ()

    def tensors(self, place: int) -> list[str]:
        """The tensors that the rows have at a place."""
        return [row[place].tensor for row in self.rows]


# --- which statements ------------------------------------------------------------------------------


class _Search:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.groups = cyclic_groups(program)
        self.looping = {name for group in self.groups for name in group}

    def runs(self) -> Iterator[_Run]:
        """Statements that can be joined, as many at a time as there are."""
        for group in self.groups:
            members = [s for name in group for s in self.program.writers[name] if _is_candidate(s)]
            for s in members:
                run = self.longest(_Run((s,), ((s.target, *s.leaves),)), members)
                if len(run.rows) > 1:
                    yield run

    def longest(self, run: _Run, members: Sequence[Statement]) -> _Run:
        """A run with all that follow."""
        for _ in members:
            longer = (self.continued(run, s) for s in members)
            found = next((r for r in longer if r is not None), None)
            if found is None:
                break
            run = found
        return run

    def continued(self, run: _Run, s: Statement) -> _Run | None:
        """The run with one more statement, None where that does not do the same to the parts that come next."""
        first = run.statements[0]
        if _shape(s) != _shape(first) or len(s.leaves) > MOST_LEAVES:
            return None
        names = dict(zip(s.target.indices, first.target.indices, strict=True))
        called = s if s.target.indices == first.target.indices else renamed(s, names)
        if called.extents != first.extents:
            return None
        for order in permutations(range(len(called.leaves))):
            row = (called.target, *(called.leaves[k] for k in order))
            kinds = tuple(map(_kind, run.rows[-1], row))
            known = tuple(kind for kind in kinds if kind is not None)
            if known != kinds or (run.kinds and kinds != run.kinds):
                continue
            longer = _Run((*run.statements, s), (*run.rows, row), known)
            if _in_order(called.body, order) == first.body and self.fits(longer):
                return longer
        return None

    def fits(self, run: _Run) -> bool:
        """Whether the tensors in which the statements differ can be parts of one, and make no new circle.

        Statements that define tensors read the same ones, at other places. What is added to parts of one tensor may
        come from tensors that are calculated outside of loops.
        """
        target, *leaves = run.kinds
        if target == ANOTHER:
            return ANOTHER not in leaves and max(leaves) >= 0 and all(map(self.is_defined, run.statements))
        found = [run.tensors(place) for place, kind in enumerate(run.kinds) if kind == ANOTHER]
        return target != SAME and all(map(self.are_free, found))

    def is_defined(self, s: Statement) -> bool:
        """Whether a statement alone defines a tensor that may become a part."""
        name = s.target.tensor
        single = definition(self.program.writers[name]) is not None
        return single and whole(s, self.program.tensors) and self.may_be_part(name)

    def are_free(self, names: Sequence[str]) -> bool:
        """Whether tensors may become parts of one that is complete before any of them is read."""
        extents = {self.program.tensors[name].extents for name in names}
        if len(set(names)) < len(names) or len(extents) > 1 or not all(map(self.may_be_part, names)):
            return False
        before = {*names, *self.sources(names)}
        readers = {s.target.tensor for name in names for s in self.program.readers.get(name, ())}
        return self.looping.isdisjoint(names) and before.isdisjoint(readers)

    def may_be_part(self, name: str) -> bool:
        """Whether a tensor is calculated, holds real numbers and is no result."""
        tensor = self.program.tensors[name]
        return bool(tensor.extents) and not (tensor.given or tensor.integer or name in self.program.wanted)

    def sources(self, names: Sequence[str]) -> set[str]:
        """The tensors that some tensors are calculated from."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            read = {other for s in self.program.writers.get(waiting.pop(), ()) for other in s.reads}
            waiting += sorted(read - found)
            found |= read
        return found


def _is_candidate(s: Statement) -> bool:
    """Whether a statement calculates each element, everywhere, from others at affine places, some of them numbers."""
    places = [place for access in (s.target, *s.leaves) for place in access.places]
    affine = [place for place in places if isinstance(place, Affine)]
    elementwise = bool(s.leaves) and len(affine) == len(places) and not s.guards and not s.reduced
    return elementwise and s.op in ("=", "+") and any(map(_is_number, affine))


def _shape(s: Statement) -> tuple[object, ...]:
    """What statements that do the same have in common, found at a glance."""
    return s.op, len(s.domain), len(s.target.indices), len(s.leaves), s.body.func


def _in_order(body: sp.Expr, order: Sequence[int]) -> sp.Expr:
    """A body with its leaves numbered by their position in an order."""
    return body.xreplace({leaf(k): leaf(position) for position, k in enumerate(order)})


def _kind(one: Access, other: Access) -> int | None:
    """How the second of two accesses differs from the first; None where it does in another way."""
    if one == other:
        return SAME
    if one.default != other.default or len(one.places) != len(other.places):
        return None
    apart = [k for k, (a, b) in enumerate(zip(one.places, other.places, strict=True)) if a != b]
    if one.tensor != other.tensor:
        return None if apart else ANOTHER
    return apart[0] if len(apart) == 1 and _follows(one.places[apart[0]], other.places[apart[0]]) else None


def _follows(a: Place, b: Place) -> bool:
    """Whether both places are numbers, the second one more than the first."""
    if not isinstance(a, Affine) or not isinstance(b, Affine):
        return False
    return _is_number(a) and b == a + 1


def _is_number(place: Affine) -> bool:
    return not place.terms and place.constant.constant is not None


# --- one statement in their place ------------------------------------------------------------------


def _joined(run: _Run, program: Program) -> Program:
    """The program with one statement in the place of a run."""
    first, tensors = run.statements[0], dict(program.tensors)
    parts: dict[str, tuple[str, int]] = {}
    for place, kind in enumerate(run.kinds):
        names = run.tensors(place)
        if kind == ANOTHER and names[0] not in parts:
            name = fresh_name(_common_name(names), tensors)
            tensors[name] = Tensor(name, (Extent.of(len(names)), *tensors[names[0]].extents), "value")
            parts |= {part: (name, number) for number, part in enumerate(names)}
    index = fresh_name("p", {**first.extents, **tensors, **dict.fromkeys(program.sizes)})
    target, *leaves = (_over_all(a, kind, index, parts) for a, kind in zip(run.rows[0], run.kinds, strict=True))
    domain = ((index, Extent.of(len(run.rows))), *first.domain)
    one = statement(target, first.op, domain, first.body, tuple(leaves), (), first.origin)
    gone = {id(s) for s in run.statements[1:]}
    return replace(
        program,
        tensors=tensors,
        statements=tuple(one if s is first else in_parts(s, parts) for s in program.statements if id(s) not in gone),
    )


def _common_name(names: Sequence[str]) -> str:
    """A name for what has these parts: what they are called, as a plural, or one name after the other."""
    stems = dict.fromkeys(name.rstrip("0123456789") for name in names)
    if len(stems) == 1:
        return f"{next(iter(stems))}s"
    return "_".join((names[0], *(name.rsplit(".", 1)[-1] for name in names[1:])))


def _over_all(access: Access, kind: int, index: str, parts: Parts) -> Access:
    """The access of the first statement of a run for all of them."""
    if kind == SAME:
        return part_of_one(access, parts)
    if kind == ANOTHER:
        return part_of_one(access, parts, Affine.index(index))
    places = list(access.places)
    places[kind] = Affine.index(index) + places[kind]  # type: ignore[operator]
    return part_of_one(replace(access, places=tuple(places)), parts)
