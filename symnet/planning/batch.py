"""The proof that an index counts the examples of a batch: what is calculated for one depends on no other.

    batched   has the examples along one dimension; each element is made of the same example of what it reads
    total     a sum over the examples, or a linear formula in such sums
    shared    depends on no example: the parameters, what is calculated from them alone, and totals of mere data
    mixed     anything else

Only what depends on the parameters has to be separated; data may be normalised over the batch. A network whose loss is
a total is the sum of its examples' losses.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from symnet.ir.affine import Affine
from symnet.ir.program import Access, Indirect, Place, Program, Statement, index_symbol, leaf
from symnet.language.extents import Extent


@dataclass(frozen=True)
class Batch:
    """What was proved of a program.

    extent   how many examples there are
    places   batched tensor to the dimension that counts the examples
    totals   the tensors that are linear in sums over the examples
    moving   the tensors that depend on the parameters
    """

    extent: Extent
    places: Mapping[str, int]
    totals: frozenset[str]
    moving: frozenset[str]

    def shared(self, name: str) -> bool:
        """Whether a tensor depends on parameters and on no example."""
        return name in self.moving and name not in self.places and name not in self.totals

    def index(self, s: Statement) -> str | None:
        """The index that counts the examples in a statement, None where none does."""
        found = _batch_places(s, self.places)
        if not found and s.target.tensor in self.places:
            found = [s.target.places[self.places[s.target.tensor]]]
        return _plain(found[0]) if found else None


def find_batch(program: Program, objective: str, parameters: Collection[str]) -> tuple[Batch | None, str]:
    """The batch of a program whose objective is the sum of its examples' losses.

    Where no proof was found, None with the name of the first tensor that mixes examples ("" where there are none).
    """
    culprit = ""
    for extent in _leading_extents(program):
        proof = _Proof(program, extent, _dependent(program, parameters))
        proof.run()
        if proof.kinds.get(objective) == TOTAL:
            return proof.batch(), ""
        culprit = culprit or next(
            (s.target.tensor for s in program.statements if proof.kinds[s.target.tensor] == MIXED), ""
        )
    return None, culprit


# A batched tensor has the number of its dimension in the place of such a word.
TOTAL, SHARED, MIXED = "total", "shared", "mixed"
Kind = str | int

MOST_ROUNDS = 10


class _Proof:
    def __init__(self, program: Program, extent: Extent, moving: frozenset[str]) -> None:
        self.program = program
        self.extent = extent
        self.moving = moving
        self.kinds: dict[str, Kind] = {
            name: 0 if t.role != "param" and t.extents[:1] == (extent,) else SHARED
            for name, t in program.tensors.items()
            if name not in program.writers
        }
        self.places = {name: kind for name, kind in self.kinds.items() if isinstance(kind, int)}

    def run(self) -> None:
        """Tell the kind of every tensor; in a recurrence until nothing changes any more."""
        for _ in range(MOST_ROUNDS):
            before = dict(self.kinds)
            for name, writers in self.program.writers.items():
                self.learn(name, self.joined(name, [self.kind(s) for s in writers]))
            if self.kinds == before:
                return
        self.kinds = dict.fromkeys(self.kinds, MIXED)

    def learn(self, name: str, kind: Kind) -> None:
        self.kinds[name] = kind
        if isinstance(kind, int):
            self.places[name] = kind
        else:
            self.places.pop(name, None)

    def batch(self) -> Batch:
        totals = frozenset(name for name, kind in self.kinds.items() if kind == TOTAL)
        return Batch(self.extent, dict(self.places), totals, self.moving)

    def joined(self, name: str, kinds: list[Kind]) -> Kind:
        found = set(kinds)
        if TOTAL in found and found <= {TOTAL, SHARED}:
            return TOTAL if name in self.moving else SHARED
        return found.pop() if len(found) == 1 else MIXED

    def kind(self, s: Statement) -> Kind:
        """What a statement makes of what it reads. What is not known yet, in a recurrence, is left out."""
        read = [self.kinds.get(name) for name in s.reads]
        places = _batch_places(s, self.places)
        if MIXED in read or len(set(places)) > 1:
            return MIXED
        if TOTAL in read:
            return TOTAL if not places and self.is_linear(s) else MIXED
        index = _plain(places[0]) if places else self.repeated(s)
        if places and (index is None or s.extents[index] != self.extent or self.uses(s, index) > len(places)):
            return MIXED
        if index is None:
            return SHARED
        return self.place(s, index)

    def repeated(self, s: Statement) -> str | None:
        """The index along which what depends on no example is repeated for each."""
        plain = [n for n in map(_plain, s.target.places) if n is not None]
        found = [n for n in plain if s.extents[n] == self.extent and self.uses(s, n) == 0]
        return found[0] if len(found) == 1 else None

    def uses(self, s: Statement, index: str) -> int:
        """How often a statement uses an index, except in its target and in what is not known yet."""
        known = [access for access in s.leaves if access.tensor in self.kinds]
        places = sum(index in affine.indices for access in known for affine in affine_places(access))
        return places + sum(index in guard.indices for guard in s.guards) + int(s.body.has(index_symbol(index)))

    def place(self, s: Statement, index: str) -> Kind:
        """The dimension of the target that counts the examples; a total where they are summed."""
        found = [k for k, place in enumerate(s.target.places) if isinstance(place, Affine) and index in place.indices]
        if not found:
            return TOTAL if s.op == "+" else MIXED
        return found[0] if len(found) == 1 and _plain(s.target.places[found[0]]) == index else MIXED

    def is_linear(self, s: Statement) -> bool:
        """Whether a statement is linear in totals, with factors that no parameter moves."""
        slopes = [s.body.diff(leaf(k)) for k, a in enumerate(s.leaves) if self.kinds.get(a.tensor) == TOTAL]
        moved = [leaf(k) for k, a in enumerate(s.leaves) if a.tensor in self.moving]
        return s.op in ("=", "+") and not any(slope.has(*moved) for slope in slopes)


def _batch_places(s: Statement, places: Mapping[str, int]) -> list[Place]:
    """What stands in the dimensions that count examples, in all that a statement reads."""
    found: list[Place] = []
    for access in (*s.leaves, s.target):
        if access.tensor in places and access is not s.target:
            found.append(access.places[places[access.tensor]])
        for place in access.places:
            if isinstance(place, Indirect) and place.tensor in places:
                found.append(place.indices[places[place.tensor]])
    return found


def affine_places(access: Access) -> tuple[Affine, ...]:
    """Every affine expression in an access, those inside of indirect places too."""
    return tuple(a for p in access.places for a in (p.indices if isinstance(p, Indirect) else (p,)))


def _plain(place: Place) -> str | None:
    return place.plain if isinstance(place, Affine) else None


def _leading_extents(program: Program) -> tuple[Extent, ...]:
    """How long the first dimension of each input is: sizes before numbers."""
    found = dict.fromkeys(t.extents[0] for t in program.tensors.values() if t.role == "input" and t.extents)
    return tuple(sorted(found, key=lambda extent: extent.constant is not None))


def _dependent(program: Program, parameters: Collection[str]) -> frozenset[str]:
    """The tensors that depend on parameters."""
    found = set(parameters)
    grown = True
    while grown:
        size = len(found)
        found.update(s.target.tensor for s in program.statements if not found.isdisjoint(s.reads))
        grown = len(found) > size
    return frozenset(found)
