"""The certificate as data, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

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
    tests       every result of the emitted module at every hostile point, against 50 digits, in both precisions
    """

    network: str
    rewrites: tuple[Rewrite, ...]
    operations: tuple[Operation, ...]
    tests: tuple[Test, ...]

    @property
    def findings(self) -> tuple[Test, ...]:
        """What a user has to know of: NaN or infinite, without half of its digits, or with a warning of NumPy."""
        return tuple(test for test in self.tests if test.finding)

    @property
    def ok(self) -> bool:
        """Whether there are no findings."""
        return not self.findings

    @property
    def ulps(self) -> float:
        """The largest error of all, in ulps of the largest value of its tensor, of what has not cancelled."""
        return max((test.ulps for test in self.tests if test.ulps is not None and test.word == "ok"), default=0.0)

    def to_json(self) -> str:
        """Everything as JSON."""
        return json.dumps(asdict(self) | {"ok": self.ok, "ulps": self.ulps}, ensure_ascii=False)

    def _repr_html_(self) -> str:
        return listing("", str(self))

    def __str__(self) -> str:
        tables = [self._tests(precision) for precision in dict.fromkeys(test.precision for test in self.tests)]
        findings = dict.fromkeys(map(_finding, self.findings))
        parts = [self._rewrites(), self._operations(), TESTED, *tables, *findings, self._verdict()]
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

    def _tests(self, precision: str) -> str:
        tests = [test for test in self.tests if test.precision == precision]
        points = tuple(dict.fromkeys(test.point for test in tests if test.word != "open"))
        results = tuple(dict.fromkeys(test.result for test in tests))
        cells = {(test.result, test.point): _cell(test) for test in tests}
        rows = [("", *points), *((result, *(cells[result, point] for point in points)) for result in results)]
        return f"{precision}\n" + _table(rows)

    def _verdict(self) -> str:
        if self.ok:
            return f"{self.network}: every value that exists is found; the largest error is {self.ulps:.3g} ulps"
        words = [test.word if test.word in _COUNTED else "warns" for test in self.findings]
        counts = {word: words.count(word) for word in _COUNTED}
        texts = [text.format(counts[word]) for word, text in _COUNTED.items() if counts[word]]
        return f"{self.network}: {', '.join(texts)}"


TESTED = """tested: the emitted module against 50 digits, the largest error of a result
  a / b  in ulps of the largest value of its tensor / of the element itself; abs: half of its digits are lost
  abs a  what cancels or is saturated: right next to 1 or the largest gradient, a in ulps of that
  -      there is no exact value that a number can hold"""

_COUNTED = {
    "wrong": "{} NaN or infinite where the value exists",
    "lost": "{} without half of the digits",
    "warns": "{} with warnings of NumPy in vain",
}


def _cell(test: Test) -> str:
    if test.ulps is None or test.own is None:
        return {"wrong": "WRONG", "open": "-"}[test.word]
    warns = " warns" if test.warnings else ""
    if test.word == "absolute":
        return f"abs {test.ulps:.2g}{warns}"
    half = float(np.finfo(test.precision).eps) ** -0.5
    own = "abs" if test.own > half else f"{test.own:.2g}"
    return f"{test.ulps:.2g} / {own}{_MARKS.get(test.word, '')}{warns}"


_MARKS = {"lost": " LOST", "delicate": " delicate"}


def _finding(test: Test) -> str:
    place = f"{test.result} at {test.point!r} in {test.precision}"
    if test.word == "wrong":
        return f"{place}: first wrong in\n  {test.first}"
    if test.word == "lost":
        return f"{place}: half of the digits are lost, the error is {test.ulps:.3g} ulps"
    return f"{test.precision} at {test.point!r}: NumPy warns, {'; '.join(test.warnings)}"


def _table(rows: Iterable[Sequence[str]]) -> str:
    listed = list(rows)
    widths = [max(map(len, column)) for column in zip(*listed, strict=True)]
    return "\n".join(
        "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in listed
    )
