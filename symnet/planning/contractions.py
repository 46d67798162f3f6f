"""Contractions: which index plays which part in a product of two tensors, and in which order to take many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from symnet.language.extents import Extent
from symnet.planning.rows import ORDER_OF_FACTORS, STACKED

# What a size counts as when costs are compared. Only the order of the products depends on it, never their values.
NOMINAL = 32


@dataclass(frozen=True, slots=True)
class Pair:
    """The parts that the indices of two operands play."""

    batch: tuple[str, ...]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    contracted: tuple[str, ...]

    def swapped(self) -> Pair:
        """The parts with the operands exchanged."""
        return replace(self, rows=self.columns, columns=self.rows)

    def ordered(self, order: Sequence[str], a: Sequence[str], b: Sequence[str]) -> Pair:
        """The same parts, their indices in the order of the result where it has them."""

        def sort(names: tuple[str, ...], own: Sequence[str]) -> tuple[str, ...]:
            rank = {name: k for k, name in enumerate(dict.fromkeys((*order, *own)))}
            return tuple(sorted(names, key=rank.__getitem__))

        return replace(self, batch=sort(self.batch, a), rows=sort(self.rows, a), columns=sort(self.columns, b))


def classify(a: Sequence[str], b: Sequence[str], needed: set[str]) -> Pair:
    """The parts of the indices of two operands, given those that are still needed behind the product."""
    shared = [name for name in a if name in b]
    return Pair(
        batch=tuple(name for name in shared if name in needed),
        rows=tuple(name for name in a if name not in b),
        columns=tuple(name for name in b if name not in a),
        contracted=tuple(name for name in shared if name not in needed),
    )


def writes_stack(pair: Pair, target: Sequence[str], volume: Callable[[Sequence[str]], int]) -> bool:
    """Whether a stack of products is best written at once into a tensor with these axes, in which matrices lie apart.

    BLAS wants the elements of a row, or of a column, to be neighbours; rows may be any number of elements apart.
    `volume` tells how many points a box over some axes holds. A tensor with other axes than the product is no place for
    it: what one factor alone has is summed before, and what neither has is filled in behind.
    """
    if set(target) != {*pair.batch, *pair.rows, *pair.columns}:
        return False
    if not pair.batch or len(pair.rows) != 1 or len(pair.columns) != 1 or set(target[-1:]) <= set(pair.batch):
        return False
    outer = pair.rows[0] if target[-1] == pair.columns[0] else pair.columns[0]
    return bool(STACKED(volume(target[-1:]), volume(target[target.index(outer) + 1 :])))


def nominal(extent: Extent) -> int:
    """The extent as a number to compare costs by."""
    return max(1, extent.value(dict.fromkeys(extent.sizes, NOMINAL)))


def volume(names: Sequence[str] | set[str] | frozenset[str], box: Mapping[str, Extent]) -> int:
    """How many points a box over these indices holds, nominally."""
    total = 1
    for name in names:
        total *= nominal(box[name])
    return total


def cheapest_order(
    operands: Sequence[tuple[str, ...]], keep: Sequence[str], box: Mapping[str, Extent]
) -> list[tuple[int, int]]:
    """The pairs to multiply, one after the other: positions among what is left, where a product goes to the end.

    The cheapest of all orders for up to five operands, greedy beyond that.
    """
    kept = frozenset(keep)

    def product(sets: tuple[frozenset[str], ...], i: int, j: int) -> tuple[frozenset[str], ...]:
        rest = tuple(s for k, s in enumerate(sets) if k not in (i, j))
        return (*rest, (sets[i] | sets[j]) & (kept.union(*rest) if rest else kept))

    @cache
    def best(sets: tuple[frozenset[str], ...]) -> tuple[int, tuple[tuple[int, int], ...]]:
        if len(sets) == 1:
            return 0, ()
        pairs = [(i, j) for i in range(len(sets)) for j in range(i + 1, len(sets))]
        costs = [volume(sets[i] | sets[j], box) for i, j in pairs]
        if len(sets) > 5:
            pairs = [pairs[costs.index(min(costs))]]
        found = []
        for i, j in pairs:
            cost, rest = best(product(sets, i, j))
            found.append((cost + volume(sets[i] | sets[j], box), ((i, j), *rest)))
        chosen: tuple[int, tuple[tuple[int, int], ...]] = ORDER_OF_FACTORS(found, lambda option: option[0])
        return chosen

    return list(best(tuple(frozenset(axes) for axes in operands))[1])
