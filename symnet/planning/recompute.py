"""Keep or recompute: which values of the forward half to calculate anew before the backward half reads them.

A value that is not kept frees its bytes from its last read in the forward half until the first one in the backward
half, where it is calculated again from what is there: parameters, inputs, noise, values that are kept, and others that
are calculated again. Each is calculated twice at most, so that a chain of n equal layers comes down to about sqrt(2 n)
of them (Chen, Xu, Zhang, Guestrin 2016, arXiv 1604.06174).

Values are taken by the time that a freed byte costs, the cheapest first, and the bytes alive at every step are
counted anew after each. A value is taken if that lowers what is above the budget and lifts nothing else above it:
where a run of values that hang together would take up too much itself, the next one is kept and becomes a checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

import numpy as np

from symnet.planning.values import Value, Values

# The spans of steps in which a value takes up memory, each from its first step to its last.
Life = tuple[tuple[int, int], ...]

KEPT, LATE, DONE = "kept", "late", "done"
SMALL = 8  # a value that has so many times fewer bytes is kept rather than calculated again
MOST_TOGETHER = 24  # values that are calculated again for the sake of one
MOST_ROUNDS = 16


@dataclass(frozen=True)
class Trade:
    """A value that is not kept.

    besides     values that nobody kept, which are calculated again for its sake
    instead     values that are kept for its sake
    freed       bytes at the end of the forward half
    operations  what it takes to calculate it again; nothing where it is only calculated later
    time        about how many nanoseconds that is
    """

    tensor: str
    besides: tuple[str, ...]
    instead: tuple[str, ...]
    freed: int
    operations: int
    time: float


@dataclass(frozen=True)
class Choice:
    """What is calculated later: each tensor with the step before which it is, in order; and what was traded."""

    late: tuple[tuple[str, int], ...]
    trades: tuple[Trade, ...]
    peak: int

    @property
    def time(self) -> float:
        """About how many nanoseconds all of it takes."""
        return sum(trade.time for trade in self.trades)


@dataclass
class State:
    """What is kept at one point of the search, and the bytes alive at each step."""

    values: Values
    profile: np.ndarray[tuple[int], np.dtype[np.int64]]
    status: dict[str, str] = field(default_factory=dict)
    when: dict[str, int] = field(default_factory=dict)
    lives: dict[str, Life] = field(default_factory=dict)
    trades: list[Trade] = field(default_factory=list)
    # What the last trade has changed: status, step and life of values, and the bytes at each step.
    _before: dict[str, tuple[str, int | None, Life]] = field(default_factory=dict)
    _profile: np.ndarray[tuple[int], np.dtype[np.int64]] = field(default_factory=lambda: np.zeros(0, np.int64))

    @staticmethod
    def of(values: Values) -> State:
        """Everything kept that the backward half reads."""
        state = State(values, values.start.copy())
        for name, value in values.of.items():
            state.status[name] = KEPT if state.uses(value) else DONE
        for value in values.of.values():
            state.refresh(value)
        return state

    @property
    def peak(self) -> int:
        """The most bytes alive at a step."""
        return int(self.profile.max(initial=0))

    def copy(self) -> State:
        return State(
            self.values, self.profile.copy(), dict(self.status), dict(self.when), dict(self.lives), list(self.trades)
        )

    def make(self, trade: Trade) -> None:
        """Make a trade, which can be taken back until the next one is made."""
        self._before, self._profile = {}, self.profile.copy()
        again = (trade.tensor, *trade.besides)
        for name, status in (*((n, LATE) for n in again), *((n, KEPT) for n in trade.instead)):
            self._remember(name)
            self.status[name] = status
        self._spread((*again, *trade.instead))
        self.trades.append(trade)

    def take_back(self) -> None:
        """Undo the last trade."""
        self.trades.pop()
        self.profile = self._profile
        for name, (status, when, life) in self._before.items():
            self.status[name], self.lives[name] = status, life
            if when is None:
                self.when.pop(name, None)
            else:
                self.when[name] = when

    def excess(self, budget: int) -> int:
        """The bytes above the budget, added up over the steps."""
        return int(np.maximum(self.profile - budget, 0).sum())

    def is_better_than_before(self, budget: int) -> bool:
        """Whether the last trade has lifted no step above the budget, and has brought down what was, if it was to."""
        before = self._profile
        if ((self.profile > before) & (self.profile > budget)).any():
            return False
        return not self.trades[-1].freed or self.excess(budget) < int(np.maximum(before - budget, 0).sum())

    def choice(self) -> Choice:
        """What is calculated later, in order."""
        numbers = self.values.of
        late = sorted((self.when[n], numbers[n].number, n) for n, s in self.status.items() if s == LATE)
        return Choice(tuple((n, step) for step, _, n in late), tuple(self.trades), self.peak)

    def uses(self, value: Value) -> list[int]:
        """The steps of the backward half that read a value as things stand."""
        found = list(value.late)
        for name in value.readers:
            reader = self.values.of[name]
            if self.status.get(name) == LATE:
                found.append(self.when[name])
            elif reader.moved:
                found.append(reader.first)
        return found

    def refresh(self, value: Value) -> bool:
        """Count the life of a value anew; whether it is calculated at another step than before."""
        uses, status = self.uses(value), self.status[value.name]
        before = self.when.get(value.name)
        if status == LATE:
            self.when[value.name] = min(uses)
        life = tuple(self._life(value, status, uses))
        for sign, spans in ((-1, self.lives.get(value.name, ())), (1, life)):
            for begin, end in spans:
                self.profile[begin : end + 1] += sign * value.bytes
        self.lives[value.name] = life
        return self.when.get(value.name) != before

    def _life(self, value: Value, status: str, uses: Sequence[int]) -> Iterator[tuple[int, int]]:
        ending, name = self.values.end, value.name
        if status != LATE:
            yield value.first, ending(max((value.last, *uses)), name)
            return
        if not value.moved:
            yield value.first, ending(value.last, name)
        # What is used up in making others is not counted: mostly they take its place.
        values = self.values.of
        if (
            value.late
            or min(uses) < max(uses)
            or any(values[n].moved and self.status[n] == KEPT for n in value.readers)
        ):
            yield min(uses), max(min(uses), ending(max(uses), name))

    def _remember(self, name: str) -> None:
        self._before.setdefault(name, (self.status[name], self.when.get(name), self.lives[name]))

    def _spread(self, names: Iterable[str]) -> None:
        """Count anew what has changed, and what that is made of: the last value first."""
        values, changed = self.values.of, set(names)
        waiting = [(-values[name].number, name) for name in changed]
        heapify(waiting)
        queued = set(changed)
        while waiting:
            _, name = heappop(waiting)
            self._remember(name)
            if not self.refresh(values[name]) and name not in changed:
                continue
            for read in values[name].reads:
                if read not in queued:
                    queued.add(read)
                    heappush(waiting, (-values[read].number, read))


# --- the search ------------------------------------------------------------------------------------


def chosen(everything: State, budget: int) -> Choice:
    """What to calculate later so that at no step more bytes are alive than these, or as few as are found."""
    state = everything.copy()
    _relieve(state, budget)
    return state.choice()


def _relieve(state: State, budget: int) -> None:
    """Trade values until no step is above the budget, or nothing is left that helps."""
    for _ in range(MOST_ROUNDS):
        if not state.excess(budget):
            return
        if not _one_round(state, budget, swaps=False) and not _one_round(state, budget, swaps=True):
            return


def _one_round(state: State, budget: int, *, swaps: bool) -> bool:
    """Try every value that is kept, the cheapest for a byte first; whether anything was traded.

    A swap frees nothing itself: another value is kept, from which more can be calculated.
    """
    offers = []
    for value in state.values.of.values():
        if state.status[value.name] == KEPT and value.free and value.bytes:
            for number, trade in enumerate(trades_of(state, value)):
                if trade.freed > 0 or (swaps and not trade.freed):
                    offers.append((trade.time / max(trade.freed, 0.5), value.number, number))
    values = list(state.values.of.values())
    changed = False
    for _, number, way in sorted(offers):
        value = values[number]
        if state.status[value.name] != KEPT:
            continue
        found = next((t for k, t in enumerate(trades_of(state, value)) if k == way), None)
        if found is not None and (found.freed > 0 or (swaps and not found.freed)):
            state.make(found)
            if not state.is_better_than_before(budget):
                state.take_back()
                continue
            changed = True
            if not state.excess(budget):
                break
    return changed


def trades_of(state: State, value: Value) -> Iterator[Trade]:
    """The ways to calculate a value later: from what is there, or with everything kept that it is made of."""
    values = state.values.of
    missing = [name for name in value.reads if state.status[name] == DONE]
    besides: dict[str, None] = {}
    instead: dict[str, None] = {}
    waiting = list(missing)
    while waiting and len(besides) <= MOST_TOGETHER:
        name = waiting.pop()
        other = values[name]
        if name in besides or name in instead:
            continue
        if not other.free or other.bytes * SMALL <= value.bytes:
            instead[name] = None
            continue
        besides[name] = None
        waiting += [read for read in other.reads if state.status[read] == DONE]
    if len(besides) <= MOST_TOGETHER:
        yield _trade(values, value, sorted(besides, key=lambda name: values[name].number), list(instead))
    if besides:
        yield _trade(values, value, [], missing)


def _trade(values: Mapping[str, Value], value: Value, besides: Sequence[str], instead: Sequence[str]) -> Trade:
    again = [value, *(values[name] for name in besides)]
    return Trade(
        value.name,
        tuple(besides),
        tuple(instead),
        value.bytes - sum(values[name].bytes for name in instead),
        sum(v.operations for v in again),
        sum(v.time for v in again),
    )
