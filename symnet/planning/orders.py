"""What it costs in addition that tensors lie in memory as they do, in nanoseconds, and the orders that cost least.

A statement is fast where its innermost loop is long and walks through neighbours: elementwise, over the last dimensions
that all operands have, or lack, alike; as a matrix product, where the indices that it joins to rows, to columns and to
what is summed are neighbours in each operand. The prices were measured with NumPy 2.4 and matter by their ratios only.
Sizes known only at run time count as `nominal` ones.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import permutations
from math import prod

from symnet.ir.affine import Affine
from symnet.ir.program import Access, Program, Statement
from symnet.language.extents import Extent
from symnet.planning.contractions import Pair, classify, nominal, writes_stack
from symnet.planning.costs import inner_time
from symnet.planning.parts import written_in_parts
from symnet.planning.rows import TURNED

Order = tuple[int, ...]
Axes = tuple[str, ...]

LOOP = 10.0  # what a loop of a ufunc costs before its first element
APART = 0.7  # an element that does not lie behind the one before it
COPIED = 1.2  # an element of a copy with other neighbours
REDUCED_ROW = 45.0  # a row of a maximum, say, along the last dimension
MIDDLE_SUM = 0.05  # an element of a sum over neighbouring dimensions in the middle
SCATTERED_SUM = 0.4  # an element of a sum over dimensions that are no neighbours

# The most dimensions for which all orders are tried.
MOST_DIMENSIONS = 4
SWEEPS = 3


# Stands in axes for a place between others that is no index: what lies before it and behind it is not one piece.
BREAK = ""


@dataclass(frozen=True)
class Cost:
    """The price of the orders of the tensors of one statement, given their extents. It runs so many times."""

    statement: Statement
    shapes: Mapping[str, tuple[Extent, ...]]
    times: int = 1
    known: dict[tuple[Order | None, ...], float] = field(default_factory=dict)

    @cached_property
    def tensors(self) -> tuple[str, ...]:
        """The target, then what each leaf reads."""
        return (self.statement.target.tensor, *(access.tensor for access in self.statement.leaves))

    @cached_property
    def sizes(self) -> dict[str, int]:
        """Index to its nominal extent."""
        return {BREAK: 1} | {name: nominal(extent) for name, extent in self.statement.domain}

    @cached_property
    def dimensions(self) -> tuple[tuple[Axes, ...], ...]:
        """The indices of each dimension, several where they are joined, none where it is read at one place.

        Of the target, then of each leaf. Accesses of another kind are left out: how they are read does not depend on
        what is decided here.
        """
        s = self.statement
        found = [_dimensions(access, s.extents, self.shapes[access.tensor]) for access in (s.target, *s.leaves)]
        return tuple(names if names is not None else () for names in found)

    @property
    def form(self) -> Hashable:
        """All that the price depends on: statements of one form have the same prices."""
        s = self.statement
        return s.op, s.domain, self.dimensions, s.body, self.times

    def of(self, orders: Mapping[str, Order]) -> float:
        """The price with tensors stored in these orders, in their own where none is given."""
        chosen = tuple(map(orders.get, self.tensors))
        if chosen not in self.known:
            self.known[chosen] = self.times * self._calculated(chosen)
        return self.known[chosen]

    def _calculated(self, chosen: Sequence[Order | None]) -> float:
        s = self.statement
        axes = [self._axes(names, order) for names, order in zip(self.dimensions, chosen, strict=True)]
        target, leaves = axes[0], [a for a in dict.fromkeys(axes[1:]) if a]
        if not s.reduced:
            return self._elementwise(target, leaves)
        target, leaves = _indices(target), [_indices(a) for a in leaves]
        if s.op == "+":
            groups = {frozenset(a): a for a in leaves}
            if len(groups) == 2:
                return self._product(target, *groups.values())
            return self._sum(target, leaves) if len(groups) == 1 else 0.0
        return self._reduction(target, leaves)

    def _axes(self, names: tuple[Axes, ...], order: Order | None) -> Axes:
        placed = names if order is None else tuple(names[d] for d in order) if names else ()
        first = next((k for k, joined in enumerate(placed) if joined), len(placed))
        return tuple(name for joined in placed[first:] for name in joined or (BREAK,))

    def _volume(self, axes: Collection[str]) -> float:
        total = 1.0
        for axis in axes:
            total *= self.sizes[axis]
        return total

    def _elementwise(self, target: Axes, leaves: Sequence[Axes]) -> float:
        prices = [self._meeting(target, leaf) for leaf in leaves]
        single = (
            len(prices) == 2
            and len(self.statement.body.args) == 2
            and not any(a.args for a in self.statement.body.args)
        )
        return max(prices) if single else sum(prices)  # one ufunc reads both operands in one loop

    def _meeting(self, target: Axes, leaf: Axes) -> float:
        """What it costs to read an operand along with a result: many short loops, or elements far apart."""
        run, apart = self._run(target, leaf)
        volume = self._volume(target)
        price = volume * (LOOP / run + (APART if apart else 0.0))
        if apart:  # a small operand is copied before
            price = min(
                price, self._volume(leaf) * COPIED + volume * LOOP / self._run(target, _sorted(leaf, target))[0]
            )
        return price

    def _run(self, target: Axes, leaf: Axes) -> tuple[float, bool]:
        """The length of the innermost loop, and whether the operand's elements lie apart in it."""
        run, left, lacking = 1.0, list(leaf), None
        for axis in reversed(target):
            if axis == BREAK:
                return run, run == 1
            if axis not in leaf:
                if lacking is False:
                    break
                lacking = True
            elif lacking or left[-1] != axis:
                return (run, False) if lacking or run > 1 else (float(self.sizes[axis]), True)
            else:
                lacking = False
                left.pop()
            run *= self.sizes[axis]
        return run, False

    def _product(self, target: Axes, a: Axes, b: Axes) -> float:
        """What has to be copied before and behind a matrix product; what one factor alone has is summed before."""
        alone = set(a) ^ set(b)
        kept, other = (tuple(axis for axis in axes if axis in target or axis not in alone) for axes in (a, b))
        if (kept, other) != (a, b):
            sums = [self._sum(left, [axes]) for left, axes in ((kept, a), (other, b)) if left != axes]
            return sum(sums) + self._product(target, kept, other)
        pair = classify(a, b, set(target))
        if not pair.contracted:
            return 0.0
        if not pair.rows and not pair.columns:
            return self._meeting(a, b) + self._sum(target, [a])
        pair = pair.ordered(target, a, b)
        price = 0.0
        for operand, own in ((a, pair.rows), (b, pair.columns)):
            if not _is_stack(operand, pair.batch, own, pair.contracted):
                price += self._volume(operand) * COPIED
        if not self._is_result(target, pair):
            price += self._volume(target) * COPIED
        return price + self._summed_innermost(target, a, b, pair)

    def _summed_innermost(self, target: Axes, a: Axes, b: Axes, pair: Pair) -> float:
        """What a product costs besides where what it sums is innermost in its factors."""
        if target[-1:] == pair.rows[-1:]:
            a, b, pair = b, a, pair.swapped()
        if not (pair.rows and pair.columns and b[-1] in pair.contracted):
            return 0.0
        rows, columns, contracted = map(self._volume, (pair.rows, pair.columns, pair.contracted))
        return self._volume(pair.batch) * inner_time(rows, columns, contracted, both=a[-1] in pair.contracted)

    def _is_result(self, target: Axes, pair: Pair) -> bool:
        """Whether a product can be written where it goes: in one piece, or into a stack of matrices."""
        if target in (pair.batch + pair.rows + pair.columns, pair.batch + pair.columns + pair.rows):
            return True
        return writes_stack(pair, target, lambda axes: int(self._volume(axes)))

    def _sum(self, target: Axes, leaves: Sequence[Axes]) -> float:
        axes = leaves[0]
        kept = tuple(axis for axis in axes if axis in target)
        lost = tuple(axis for axis in axes if axis not in target)
        first = axes.index(lost[0]) if lost else 0
        if axes in (kept + lost, lost + kept):
            each = 0.0
        else:
            each = MIDDLE_SUM if axes[first : first + len(lost)] == lost else SCATTERED_SUM
        return self._volume(axes) * each + (self._meeting(target, kept) if kept else 0.0)

    def _reduction(self, target: Axes, leaves: Sequence[Axes]) -> float:
        largest = max(leaves, key=len, default=())
        if not largest or largest[-1] in target:
            return 0.0
        return self._volume(largest[:-1]) * REDUCED_ROW


def _dimensions(
    access: Access, extents: Mapping[str, Extent], shape: tuple[Extent, ...]
) -> tuple[tuple[str, ...], ...] | None:
    """The indices of each dimension of a plain access, or of one with joined indices; None for any other access."""
    found: list[Axes] = []
    for place, extent in zip(access.places, shape, strict=True):
        if not isinstance(place, Affine):
            return None
        plain = place.indices if place.plain is not None or not place.terms else place.joined(extents, extent)
        if plain is None:
            return None
        found.append(plain)
    known = [name for names in found for name in names]
    return tuple(found) if len(set(known)) == len(known) else None


def _indices(axes: Axes) -> Axes:
    return tuple(axis for axis in axes if axis != BREAK)


def _sorted(leaf: Axes, target: Axes) -> Axes:
    return tuple(axis for axis in target if axis in leaf)


def _is_stack(axes: Axes, batch: Axes, own: Axes, contracted: Axes) -> bool:
    """Whether an operand is a stack of matrices of its own indices by those that are summed, or turned."""
    if batch and axes[-1:] == batch[-1:]:
        return False
    inner = tuple(axis for axis in axes if axis not in batch)
    return inner in (own + contracted, contracted + own)


# --- the best orders -------------------------------------------------------------------------------


def cheapest_orders(
    program: Program, groups: Sequence[Sequence[str]], fixed: Mapping[str, Order], times: Mapping[str, Order]
) -> dict[str, Order]:
    """The orders of tensors that cost least together, found group by group, as often as something changes.

    All tensors of a group get the same order. `fixed` are decided already, `times` are the dimensions along which loops
    write a tensor.
    """
    search = _Search(program, dict(fixed), times)
    free = [tuple(g) for g in groups if g[0] not in fixed and search.is_small(g[0])]
    for _ in range(SWEEPS):
        changed = [search.improved(group) for group in free]
        if not any(changed):
            break
    return search.orders


class _Search:
    def __init__(self, program: Program, orders: dict[str, Order], times: Mapping[str, Order]) -> None:
        self.program = program
        self.orders = orders
        self.touching: dict[str, list[Cost]] = {}
        self.parts = written_in_parts(program)  # each part of these stays one piece
        shapes = {name: tensor.extents for name, tensor in program.tensors.items()}
        known: dict[Hashable, dict[tuple[Order | None, ...], float]] = {}
        for s in program.statements:
            written = times.get(s.target.tensor, ())
            cost = Cost(s, shapes, prod(nominal(shapes[s.target.tensor][d]) for d in written))
            cost = replace(cost, known=known.setdefault(cost.form, {}))  # the layers of a network have one form
            for name in dict.fromkeys(cost.tensors):
                self.touching.setdefault(name, []).append(cost)

    def is_small(self, name: str) -> bool:
        """Whether all orders of a tensor's dimensions are tried."""
        return len(self.program.tensors[name].extents) <= MOST_DIMENSIONS

    def improved(self, group: Sequence[str]) -> bool:
        """Give a group the order that costs least; whether that is another one than before."""
        rank = len(self.program.tensors[group[0]].extents)
        costs = list({id(cost): cost for name in group for cost in self.touching.get(name, ())}.values())
        natural = tuple(range(rank))
        before = self.orders.get(group[0], natural)

        def price(order: Order) -> float:
            self.orders.update(dict.fromkeys(group, order))
            return sum(cost.of(self.orders) for cost in costs)

        best, least = before, price(before)
        first = () if self.parts.isdisjoint(group) else (0,)
        for order in permutations(range(rank)):
            if order[: len(first)] != first:
                continue
            found = price(order) if order != before else least
            if order != before and TURNED(found, least):
                best, least = order, found
        self.orders.update(dict.fromkeys(group, best))
        return best != before
