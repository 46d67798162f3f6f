"""The certificate as data, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from symnet.markup import listing
from symnet.stability.hostile import Test
from symnet.stability.operations import Operation


@dataclass(frozen=True)
class Rewrite:
    """A rule that rewrote the formula of a tensor, in the forward or in the backward part."""

    part: str
    tensor: str
    rule: str


@dataclass(frozen=True)
class Certificate:
    """What is known about the numerical stability of a network.

    rewrites    where a rule made a formula safe
    operations  the delicate operations of the program that is emitted, and what guards each
    tests       every result at every hostile point, doubles against 50 digits
    """

    network: str
    rewrites: tuple[Rewrite, ...]
    operations: tuple[Operation, ...]
    tests: tuple[Test, ...]

    @property
    def findings(self) -> tuple[Test, ...]:
        """The results that are NaN or infinite although the exact value is a double."""
        return tuple(test for test in self.tests if test.word == "wrong")

    @property
    def ok(self) -> bool:
        """Whether there are no findings."""
        return not self.findings

    @property
    def ulps(self) -> float:
        """The largest error of all."""
        return max((test.ulps for test in self.tests if test.ulps is not None), default=0.0)

    def to_json(self) -> str:
        """Everything as JSON."""
        return json.dumps(asdict(self) | {"ok": self.ok, "ulps": self.ulps}, ensure_ascii=False)

    def _repr_html_(self) -> str:
        return listing("", str(self))

    def __str__(self) -> str:
        parts = [self._rewrites(), self._operations(), self._tests(), *map(_finding, self.findings), self._verdict()]
        return "\n\n".join(part for part in parts if part)

    def _rewrites(self) -> str:
        rows = [(r.part, r.tensor, r.rule) for r in self.rewrites]
        return "rewritten\n" + _table(rows) if rows else "rewritten: nothing"

    def _operations(self) -> str:
        lines: list[str] = []
        heads = dict.fromkeys((o.part, o.formula) for o in self.operations)
        for part, formula in heads:
            lines.append(f"  {part:<8}  {formula}")
            own = (o for o in self.operations if (o.part, o.formula) == (part, formula))
            lines += [f"            {o.operation}: {o.guard}" for o in own]
        return "delicate operations\n" + "\n".join(lines) if lines else "delicate operations: none"

    def _tests(self) -> str:
        points = tuple(dict.fromkeys(test.point for test in self.tests))
        results = tuple(dict.fromkeys(test.result for test in self.tests))
        cells = {(test.result, test.point): _cell(test) for test in self.tests}
        rows = [("", *points), *((result, *(cells[result, point] for point in points)) for result in results)]
        return "largest error against 50 digits, in ulps of the largest value\n" + _table(rows)

    def _verdict(self) -> str:
        if self.ok:
            best = f"the largest error is {self.ulps:.3g} ulps"
            return f"{self.network}: every value that a double can hold is found; {best}"
        count = len(self.findings)
        return f"{self.network}: {count} result{'s are' if count > 1 else ' is'} NaN or infinite where the value exists"


def _cell(test: Test) -> str:
    return f"{test.ulps:.3g}" if test.ulps is not None else {"wrong": "WRONG", "open": "-"}[test.word]


def _finding(test: Test) -> str:
    return f"{test.result} at {test.point!r}: first wrong in\n  {test.first}"


def _table(rows: Iterable[Sequence[str]]) -> str:
    listed = list(rows)
    widths = [max(map(len, column)) for column in zip(*listed, strict=True)]
    return "\n".join(
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in listed
    )
