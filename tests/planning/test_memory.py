"""Which arrays share memory: nothing that is needed at the same time overlaps, at any size."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations

import pytest

from symnet.language.extents import Extent
from symnet.planning.memory import Piece, Places, places

N = Extent.size("N")
T = Extent.size("T")
LENGTHS = (N, 10 * N, 64 * N, N * T, 16 * N * T, Extent.of(640), Extent.of(64), (N + 1) // 2, Extent.of(1))
SIZES = ({"N": 1, "T": 1}, {"N": 1, "T": 900}, {"N": 33, "T": 7}, {"N": 5000, "T": 2})


def spans(piece: Piece, found: Places, sizes: dict[str, int]) -> range:
    start = found.of[piece.name].offset.value(sizes)
    return range(start, start + piece.length.value(sizes))


def agree(pieces: Sequence[Piece], found: Places) -> None:
    """Whether pieces stay in their slots, and away from others that are needed when they are."""
    for sizes in SIZES:
        for piece in pieces:
            slot = found.slots[found.of[piece.name].slot]
            assert slot.kind == piece.kind
            assert spans(piece, found, sizes).stop <= max(length.value(sizes) for length in slot.lengths)
        for one, other in combinations(pieces, 2):
            if found.of[one.name].slot != found.of[other.name].slot or one.start > other.end or other.start > one.end:
                continue
            a, b = spans(one, found, sizes), spans(other, found, sizes)
            assert a.stop <= b.start or b.stop <= a.start or (a == b and one.succeeds(other)), (one, other)


@pytest.mark.parametrize("seed", range(40))
def test_what_is_needed_together_is_apart(seed: int) -> None:
    rng = random.Random(seed)
    pieces: list[Piece] = []
    for number in range(30):
        start = rng.randrange(60)
        dying = tuple(p.name for p in pieces if p.end == start)
        end = start + rng.choice((0, 1, 2, 5, 60))
        pieces.append(Piece(f"a{number}", rng.choice(LENGTHS), rng.choice(("real", "int")), start, end, dying))
    agree(pieces, places(pieces))


def total(found: Places, sizes: dict[str, int]) -> int:
    return sum(max(length.value(sizes) for length in slot.lengths) for slot in found.slots)


def test_a_slot_is_as_long_as_the_longest_of_those_that_take_turns() -> None:
    found = places([Piece("h", 64 * N, "real", 0, 3), Piece("dW", Extent.of(640), "real", 4, 9)])
    assert found.slots[0].lengths in ((64 * N, Extent.of(640)), (Extent.of(640), 64 * N))
    assert len(found.slots) == 1


def test_two_small_ones_lie_side_by_side_where_a_large_one_was() -> None:
    pieces = [Piece("a", 64 * N, "real", 0, 3), Piece("b", 10 * N, "real", 4, 9), Piece("c", 5 * N, "real", 5, 9)]
    found = places(pieces)
    assert total(found, {"N": 7}) == 64 * 7
    assert found.of["c"].offset == 10 * N


def test_a_result_in_place_takes_over_from_its_operand() -> None:
    pieces = [Piece("a", 64 * N, "real", 0, 3), Piece("b", 64 * N, "real", 3, 9, ("a",))]
    assert total(places(pieces), {"N": 7}) == 64 * 7
    apart = [Piece("a", 64 * N, "real", 0, 3), Piece("b", 64 * N, "real", 3, 9)]
    assert total(places(apart), {"N": 7}) == 128 * 7


def test_nothing_takes_no_memory() -> None:
    assert places([]).slots == []


def test_what_is_needed_when_most_is_goes_first() -> None:
    # Two convolutions and what is between them. The scratch of the last one fits beside least.
    images = [(1, 92), (5, 6), (19, 75), (23, 66), (27, 28), (41, 74), (46, 49), (52, 53), (66, 70), (73, 99), (78, 79)]
    pieces = [Piece(f"h{k}", 8192 * N, "real", *span) for k, span in enumerate(images)]
    pieces += [Piece(f"scratch{k}", Extent.of(400_000), "real", at, at) for k, at in enumerate((1, 23, 73, 74))]
    pieces += [Piece("dW", Extent.of(9216), "real", 74, 100)]
    assert total(places(pieces), {"N": 16}) == 4 * 8192 * 16 + 400_000 + 9216
