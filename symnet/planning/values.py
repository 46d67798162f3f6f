"""The values of a program that could be calculated later than they are: what they take, and who reads them when."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from symnet.ir.program import Program, Statement
from symnet.planning.costs import flops, statement_time
from symnet.planning.liveness import NOTHING, takes_over, tensor_bytes

# The statements that run together: one, or a circle, which is a loop, and True.
Group = tuple[tuple[Statement, ...], bool]


@dataclass(frozen=True)
class Value:
    """A tensor that depends on no adjoint and is no result.

    first, last  the steps of the forward half in which it is first written, and last read or written
    readers      the values that are made of it
    late         the steps of the backward half in which anything else reads it
    moved        whether it belongs to the backward half anyway: to calculate it later costs nothing
    free         whether it may be calculated later
    """

    name: str
    number: int
    bytes: int
    operations: int
    time: float
    first: int
    last: int
    reads: tuple[str, ...]
    readers: tuple[str, ...]
    late: tuple[int, ...]
    moved: bool
    free: bool


class Values:
    """The values of one program.

    start  the bytes of all other tensors that are alive at each step
    """

    def __init__(
        self,
        program: Program,
        groups: Sequence[Group],
        forward: int,
        keep: Collection[str],
        seeds: Collection[str],
        sizes: Mapping[str, int],
        narrow: Mapping[str, str] = NOTHING,
        fixed: Collection[str] = (),
    ) -> None:
        """`forward` is the number of groups in the forward half, `narrow` as `narrow_positions` gives it; what is
        `fixed` is not calculated again."""
        self.program = program
        self.groups = groups
        self.forward = forward
        self.sizes = sizes
        self.narrow = narrow
        self.fixed = fixed
        self.taken = {k: takes_over(program, s[0]) for k, (s, circle) in enumerate(groups) if not circle}
        first, last = self._spans()
        self.of = {v.name: v for v in self._values(first, last, keep, seeds)}
        self.start = np.zeros(len(groups) + 1, np.int64)
        for name, begin in first.items():
            if name not in self.of:
                end = len(groups) if name in keep else self.end(last[name], name)
                self.start[begin : end + 1] += self.bytes_of(name)

    def bytes_of(self, name: str) -> int:
        """What a tensor takes in float32."""
        return tensor_bytes(self.program, name, self.sizes, self.narrow)

    def _spans(self) -> tuple[dict[str, int], dict[str, int]]:
        first: dict[str, int] = {}
        last: dict[str, int] = {}
        for step, (statements, _) in enumerate(self.groups):
            for s in statements:
                first.setdefault(s.target.tensor, step)
                for name in (s.target.tensor, *self._reads(s)):
                    last[name] = step
        return first, last

    def _reads(self, s: Statement) -> tuple[str, ...]:
        besides = self.narrow.get(s.target.tensor)
        return s.reads if besides is None or besides in s.reads else (*s.reads, besides)

    def end(self, step: int, name: str) -> int:
        """The last step in which the bytes of a tensor count: not the one whose result takes its place."""
        return step - 1 if self.taken.get(step) == name else step

    def _values(
        self, first: Mapping[str, int], last: Mapping[str, int], keep: Collection[str], seeds: Collection[str]
    ) -> Iterator[Value]:
        plain = self._plain(first, keep, seeds)
        reads: dict[str, dict[str, None]] = {name: {} for name in plain}
        readers: dict[str, dict[str, None]] = {name: {} for name in plain}
        late: dict[str, dict[int, None]] = {name: {} for name in plain}
        before: dict[str, int] = {}
        times = dict.fromkeys(plain, 0.0)
        operations = dict.fromkeys(plain, 0)
        circles: set[str] = set()
        for step, (statements, circle) in enumerate(self.groups):
            for s in statements:
                target = s.target.tensor
                circles |= {target} if circle else set()
                if target in plain:
                    before[target] = step
                if target in plain and not circle and step < self.forward:
                    times[target] += statement_time(s, self.sizes)
                    operations[target] += flops(s).value(self.sizes)
                for name in self._reads(s):
                    if name not in plain:
                        continue
                    if step < self.forward:
                        before[name] = step
                    if target in plain and target != name:
                        reads[target][name] = None
                        readers[name][target] = None
                    elif target not in plain and step >= self.forward:
                        late[name][step] = None
        for number, name in enumerate(plain):
            yield Value(
                name,
                number,
                self.bytes_of(name),
                operations[name],
                times[name],
                first[name],
                before[name],
                tuple(reads[name]),
                tuple(readers[name]),
                tuple(late[name]),
                moved=first[name] >= self.forward,
                free=name not in circles and name not in self.fixed,
            )

    def _plain(self, first: Mapping[str, int], keep: Collection[str], seeds: Collection[str]) -> tuple[str, ...]:
        """The tensors that depend on no adjoint and are no results, in the order in which they are complete."""
        behind = set(seeds)
        complete: dict[str, None] = {}
        for step, (statements, _) in enumerate(self.groups):
            for s in statements:
                name, tensor = s.target.tensor, self.program.tensors[s.target.tensor]
                late = step >= self.forward and (tensor.derived or not behind.isdisjoint(s.reads))
                if late or name in keep:
                    behind |= {name} if late else set()
                    continue
                complete.pop(name, None)
                complete[name] = None
        return tuple(name for name in complete if name not in behind)
