"""Keep or recompute: values of the forward half that the backward half calculates again instead of finding them kept.

What to calculate again is chosen in `planning/recompute.py`. Here the statements are put where their values are wanted
first: the same statements in the same order, so that every bit of the results is as it was. A tensor that is calculated
a second time is another one, and says of which it is the copy.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from symnet.ir.bundle import Differentiated
from symnet.ir.program import Program, fresh_name
from symnet.ir.verify import verify
from symnet.passes.schedule import groups_of
from symnet.planning.budget import Measure
from symnet.planning.costs import flops
from symnet.planning.recompute import Choice, State, Trade, chosen
from symnet.planning.values import Group, Values
from symnet.planning.windows import narrow_positions, with_windows

# How often a budget is tried, how often the least one is halved, how many of the last are measured.
ATTEMPTS, HALVINGS, MEASURED = 4, 10, 2
CLOSE = 0.96  # what part of a budget is close enough to it


@dataclass(frozen=True)
class Recomputed:
    """A program that needs less memory than before, and what was traded for it.

    after       the bytes that it takes, in float32 and at the sizes that were asked for
    took        tells how many it took before
    operations  how many are added
    choice      what was chosen; None where all is as it was
    """

    derived: Differentiated
    after: int
    took: Callable[[], int]
    operations: int = 0
    choice: Choice | None = None

    @property
    def before(self) -> int:
        """The bytes that it took before."""
        return self.took()

    @property
    def trades(self) -> tuple[Trade, ...]:
        """What was traded, in the order in which it was chosen."""
        return self.choice.trades if self.choice else ()

    @property
    def time(self) -> float:
        """About how many nanoseconds a step takes longer."""
        return sum(trade.time for trade in self.trades)


def recomputed(
    derived: Differentiated,
    keep: Collection[str],
    budget: int | None,
    sizes: Mapping[str, int],
    measure: Measure | None = None,
) -> Recomputed:
    """The program with as little calculated again as it takes to stay within a budget of bytes; None for the least.

    `keep` are its results. `measure` tells how many bytes a program takes when it runs; without it what counts are the
    tensors alive, and the halves run apart from each other. Where the budget cannot be reached, the program is that
    which comes closest to it.
    """
    search = Search(derived, keep, sizes, measure)
    found = search.least() if budget is None else search.within(budget)
    verify(found.derived.program)
    return found


class Search:
    """The programs that calculate some of the values of one program again. The arguments are those of `recomputed`."""

    def __init__(
        self, derived: Differentiated, keep: Collection[str], sizes: Mapping[str, int], measure: Measure | None
    ) -> None:
        program = derived.program
        self.derived, self.sizes, self.measure = derived, sizes, measure
        self.groups = groups_of(program)
        self.front = _front(self.groups, derived.forward)
        seeds = [seed for _, seed in derived.seeds]
        narrow = narrow_positions(program)
        # Where the halves run apart, each chooses for itself how it reads windows, by what is given to it.
        fixed = () if measure else with_windows(program)
        self.everything = State.of(Values(program, self.groups, self.front, keep, seeds, sizes, narrow, fixed))
        self.alive = self.everything.peak

    @cached_property
    def unchanged(self) -> Recomputed:
        """The program as it is."""
        after = self.measure(self.derived) if self.measure else self.alive
        return Recomputed(self.derived, after, lambda: after)

    def within(self, budget: int) -> Recomputed:
        """The cheapest program found that stays within a budget, or the least one.

        Besides the tensors alive there are temporaries and copies. How much they take is seen when a program is
        measured, and aimed lower by the next time.
        """
        if self.alive <= budget and self.unchanged.after <= budget:
            return self.unchanged
        best: Recomputed | None = None
        target = budget
        for _ in range(ATTEMPTS):
            choice = chosen(self.everything, max(target, 0))
            found = self.applied(choice)
            fits = found.after <= budget
            if fits and (best is None or found.time < best.time):
                best = found
            if (fits and found.after >= budget * CLOSE) or (not fits and choice.peak > target):
                break
            target += int(budget * (1 + CLOSE) / 2) - found.after
        return best or self.least()

    def least(self) -> Recomputed:
        """The program with the fewest bytes that is found."""
        low, high = int(self.everything.values.start.max(initial=0)), self.alive
        choices = [chosen(self.everything, 0)]
        for _ in range(HALVINGS):
            target = (low + high) // 2
            choices.append(chosen(self.everything, target))
            low, high = (low, target) if choices[-1].peak <= target else (target, high)
        ranked = {choice.late: choice for choice in sorted(choices, key=lambda c: (-c.peak, -c.time))}
        found = [self.applied(choice) for choice in reversed(list(ranked.values())[-MEASURED:])]
        best = min(found, key=lambda r: (r.after, r.time))
        return best if best.after < self.alive or best.after < self.unchanged.after else self.unchanged

    def applied(self, choice: Choice) -> Recomputed:
        """The program in which what was chosen is calculated later."""
        program = _moved(self.derived.program, self.groups, self.front, choice.late)
        more = sum(flops(s).value(self.sizes) for s in program.statements if program.tensors[s.target.tensor].again)
        made = replace(self.derived, program=program, plain=self.derived)
        after = self.measure(made) if self.measure else choice.peak
        return Recomputed(made, after, lambda: self.unchanged.after, more, choice)


def _front(groups: Sequence[Group], forward: int) -> int:
    """How many groups the forward half has, of the number of its statements."""
    count = number = 0
    while count < forward:
        count += len(groups[number][0])
        number += 1
    return number


def _moved(program: Program, groups: Sequence[Group], front: int, late: Iterable[tuple[str, int]]) -> Program:
    """The program with each of these tensors calculated before the step that is given with it."""
    behind = {s.target.tensor for statements, _ in groups[front:] for s in statements}
    wanted: dict[int, list[str]] = {}
    for name, step in late:
        wanted.setdefault(step, []).append(name)
    tensors = dict(program.tensors)
    copies: dict[str, str] = {}
    for name in (name for names in wanted.values() for name in names if name not in behind):
        copies[name] = fresh_name(f"{name}.again", tensors)
        tensors[copies[name]] = replace(tensors[name], name=copies[name], again=name)
    moved = {name for names in wanted.values() for name in names if name in behind}
    found = [s for statements, _ in groups[:front] for s in statements]
    for step, (statements, _) in enumerate(groups[front:], front):
        found += [s.renamed(copies) for name in wanted.get(step, ()) for s in program.writers[name]]
        if statements[0].target.tensor not in moved:
            found += [s.renamed(copies) for s in statements]
    return replace(program, tensors=tensors, statements=tuple(found))
