"""Which arrays share memory: every array has a place in a slot, which is as long as the longest way into it.

    slot 0: |---- h ----|-- t0 --|           while h and t0 are needed
            |------- dW -------|             when both are done

Lengths and places are formulas in the sizes. Two arrays that are needed at the same time are apart in a slot for all
sizes, which is proved and not tried out; which of the places is best is decided at a few nominal sizes. The largest
array goes first, to where its slot grows least (Pisarchyk and Lee, 2020, Efficient memory management for deep neural
net inference, call it greedy by size).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from symnet.language.extents import Extent
from symnet.planning.contractions import NOMINAL

# What every size counts as when places are compared: a small batch, in which arrays of fixed lengths count, and a large
# one.
SAMPLES = (NOMINAL // 4, 32 * NOMINAL)

# The sizes at which whole plans are compared.
COMPARED = (*SAMPLES, 2 * NOMINAL)


@dataclass(frozen=True, slots=True)
class Piece:
    """An array that wants a place.

    length      how many elements it has
    kind        arrays of one kind of element share slots
    start, end  the numbers of the first and of the last line that need it
    heir_of     those whose last line is its first one and that may end where it begins: it is written in place
    """

    name: str
    length: Extent
    kind: str
    start: int
    end: int
    heir_of: tuple[str, ...] = ()

    def succeeds(self, other: Piece) -> bool:
        """Whether one of the two may take the very place of the other although they meet."""
        return other.name in self.heir_of or self.name in other.heir_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where an array begins: the number of its slot, and how many elements lie before it."""

    slot: int
    offset: Extent


@dataclass(frozen=True, slots=True)
class Slot:
    """A piece of memory. `lengths`: it has as many elements as the largest of these."""

    kind: str
    lengths: tuple[Extent, ...]


@dataclass(frozen=True, slots=True)
class Places:
    """The place of every array, and the slots."""

    of: Mapping[str, Place]
    slots: Sequence[Slot]


def places(pieces: Iterable[Piece]) -> Places:
    """A place for every piece, of the orders in which they can be given places the one that takes the least memory."""
    pieces, lengths = tuple(pieces), _Lengths()
    packings = [_Packing(lengths, pieces) for _ in ORDERS]
    crowd = _crowds(lengths, pieces)
    for packing, order in zip(packings, ORDERS, strict=True):

        def key(piece: Piece, order: Order = order) -> tuple[int, ...]:
            return *order(*lengths.nominal[lengths.number(piece.length)]), -crowd[piece.name], piece.start

        packing.fill(sorted(pieces, key=key))
    return min(packings, key=_Packing.cost).places()


def _crowds(lengths: _Lengths, pieces: Sequence[Piece]) -> dict[str, int]:
    """For each piece the most that is needed at one time while it is, in elements at the small sizes."""
    load = [0] * (max((piece.end for piece in pieces), default=0) + 2)
    for piece in pieces:
        length = lengths.nominal[lengths.number(piece.length)][0]
        load[piece.start] += length
        load[piece.end + 1] -= length
    load = list(accumulate(load))
    return {piece.name: max(load[piece.start : piece.end + 1]) for piece in pieces}


# How many slots a piece is tried in, the latest ones, and how many pieces a slot takes: so that the time of a plan is
# linear in the depth of a network.
MOST_SLOTS, MOST_PIECES = 32, 48

# The orders in which pieces are given places, by their lengths at the nominal sizes. Of equal ones that comes first
# which is needed when most else is, since it fits in the fewest places.
Order = Callable[[int, int], tuple[int, ...]]
ORDERS: tuple[Order, ...] = (lambda small, large: (-large, -small), lambda small, large: (-small, -large))


class _Lengths:
    """Lengths by number, so that a sum or a proof is made once."""

    def __init__(self) -> None:
        self.extents: list[Extent] = []
        self.nominal: list[tuple[int, int]] = []
        self._numbers: dict[Extent, int] = {}
        self._sums: dict[tuple[int, int], int] = {}
        self._proofs: dict[tuple[int, int], bool] = {}
        self.zero = self.number(Extent())

    def number(self, extent: Extent) -> int:
        if extent not in self._numbers:
            self._numbers[extent] = len(self.extents)
            self.extents.append(extent)
            small, large = (extent.value(dict.fromkeys(extent.sizes, size)) for size in SAMPLES)
            self.nominal.append((small, large))
        return self._numbers[extent]

    def sum(self, one: int, other: int) -> int:
        key = (one, other)
        if key not in self._sums:
            self._sums[key] = self.number(self.extents[one] + self.extents[other])
        return self._sums[key]

    def at_least(self, one: int, other: int) -> bool:
        """Whether one >= other for all sizes."""
        key = (one, other)
        if key not in self._proofs:
            possible = all(a >= b for a, b in zip(self.nominal[one], self.nominal[other], strict=True))
            self._proofs[key] = possible and self.extents[one].at_least(self.extents[other])
        return self._proofs[key]


@dataclass(slots=True)
class _Filled:
    """A slot with the pieces in it: each with the numbers of its offset and of its end."""

    kind: str
    inside: list[tuple[Piece, int, int]]
    lengths: list[int]
    nominal: tuple[int, int]


class _Packing:
    """Gives places one after the other."""

    def __init__(self, lengths: _Lengths, pieces: Sequence[Piece]) -> None:
        self.lengths = lengths
        self.slots: list[_Filled] = []
        self.open: dict[str, list[_Filled]] = {}
        nominal = [lengths.nominal[lengths.number(piece.length)] for piece in pieces]
        self.scale = [1 / max(1, sum(n[k] for n in nominal)) for k in range(len(SAMPLES))]

    def fill(self, pieces: Iterable[Piece]) -> None:
        """Put the pieces where the slots grow least, then where least is left over; a new slot is as good as growth."""
        for piece in pieces:
            number, best = self.lengths.number(piece.length), None
            alone = self._weighed(self.lengths.nominal[number])
            for slot in self.open.setdefault(piece.kind, [])[-MOST_SLOTS:]:
                for offset, in_place in self._offsets(piece, number, slot):
                    end = self.lengths.sum(offset, number)
                    growth = self._excess(self.lengths.nominal[end], slot.nominal)
                    key = growth, self._excess(slot.nominal, self.lengths.nominal[end]) - in_place
                    if growth < alone and (best is None or key < best[0]):
                        best = key, slot, offset, end
                if best is not None and best[0] <= (0, 0):
                    break
            if best is None:
                self.slots.append(_Filled(piece.kind, [], [], (0, 0)))
                self.open[piece.kind].append(self.slots[-1])
                best = (alone, 0), self.slots[-1], self.lengths.zero, number
            self._put(piece, *best[1:])

    def _weighed(self, nominal: tuple[int, int]) -> float:
        return nominal[0] * self.scale[0] + nominal[1] * self.scale[1]

    def _excess(self, longer: tuple[int, int], shorter: tuple[int, int]) -> float:
        return self._weighed((max(0, longer[0] - shorter[0]), max(0, longer[1] - shorter[1])))

    def _offsets(self, piece: Piece, number: int, slot: _Filled) -> list[tuple[int, bool]]:
        """Where a piece can lie among those that are needed with it, and whether it is written in place there."""
        met = [row for row in slot.inside if row[0].start <= piece.end and piece.start <= row[0].end]
        if not met:
            return [(self.lengths.zero, False)]
        left = {start for other, start, _ in met if piece.succeeds(other) and piece.length == other.length}
        found = dict.fromkeys((self.lengths.zero, *(end for _, _, end in met), *sorted(left)))
        return [(offset, offset in left) for offset in found if self._is_free(piece, number, offset, met)]

    def _is_free(self, piece: Piece, number: int, offset: int, met: Sequence[tuple[Piece, int, int]]) -> bool:
        end = self.lengths.sum(offset, number)
        return all(
            self.lengths.at_least(offset, stop)
            or self.lengths.at_least(start, end)
            or (offset == start and end == stop and piece.succeeds(other))
            for other, start, stop in met
        )

    def _put(self, piece: Piece, slot: _Filled, offset: int, end: int) -> None:
        slot.inside.append((piece, offset, end))
        if len(slot.inside) == MOST_PIECES:
            self.open[slot.kind].remove(slot)
        small, large = self.lengths.nominal[end]
        slot.nominal = max(slot.nominal[0], small), max(slot.nominal[1], large)
        if not any(self.lengths.at_least(length, end) for length in slot.lengths):
            slot.lengths = [length for length in slot.lengths if not self.lengths.at_least(end, length)] + [end]

    def cost(self) -> float:
        """The memory of all slots at several sizes, relative to that of all pieces."""
        extents = self.lengths.extents
        slots = [[extents[length] for length in slot.lengths] for slot in self.slots]
        pieces = [[piece.length] for slot in self.slots for piece, _, _ in slot.inside]

        def total(rows: Sequence[Sequence[Extent]], size: int) -> int:
            return sum(max(length.value(dict.fromkeys(length.sizes, size)) for length in row) for row in rows)

        return sum(total(slots, size) / max(1, total(pieces, size)) for size in COMPARED)

    def places(self) -> Places:
        extents = self.lengths.extents
        found = {
            piece.name: Place(number, extents[offset])
            for number, slot in enumerate(self.slots)
            for piece, offset, _ in slot.inside
        }
        slots = [Slot(slot.kind, tuple(extents[length] for length in slot.lengths)) for slot in self.slots]
        return Places(found, slots)
