"""What a gradient check found, as a table, a sentence, or JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from symnet.differences import Verdict
from symnet.markup import escape, table

TOLERANCE = 1e-6  # the relative error above which a gradient is wrong
BOUNDS = ("1e-8", "1e-6", "1e-4")


@dataclass(frozen=True, slots=True)
class Row:
    """What was found for one tensor: the worst relative error, where it is, and how much was looked at.

    `kinks` counts the entries that lie at a kink at every point tried, `open` those that differences cannot resolve.
    """

    function: str
    name: str
    shape: tuple[int, ...]
    checked: int = 0
    directions: int = 0
    kinks: int = 0
    open: int = 0
    error: float = 0.0
    worst: tuple[int, ...] = ()
    claimed: float = 0.0
    measured: float = 0.0
    wrong: bool = False
    note: str = ""

    def counted(self, verdict: Verdict, position: int) -> Row:
        """The row with what was found for one more entry."""
        if verdict.word == "kink":
            return replace(self, kinks=self.kinks + 1)
        if verdict.word == "open":
            return replace(self, open=self.open + 1)
        row = replace(self, checked=self.checked + 1, wrong=self.wrong or verdict.word == "wrong")
        if row.checked > 1 and verdict.error <= row.error:
            return row
        worst = tuple(int(k) for k in np.unravel_index(position, row.shape)) if row.shape else ()
        return replace(row, error=verdict.error, worst=worst, claimed=verdict.claimed, measured=verdict.measured)


@dataclass(frozen=True)
class Report:
    """The result of a check. `ok` says whether every gradient agrees, `error` is the worst relative error."""

    name: str
    rows: tuple[Row, ...]
    sizes: Mapping[str, int]
    seed: int
    tolerance: float = TOLERANCE

    @property
    def ok(self) -> bool:
        """Whether no gradient is wrong."""
        return not any(row.wrong for row in self.rows)

    @property
    def error(self) -> float:
        """The worst relative error."""
        return max((row.error for row in self.rows), default=0.0)

    @property
    def bound(self) -> str:
        """The least of `BOUNDS` that the error does not exceed: coarse, so that it is the same on every machine."""
        return next((bound for bound in BOUNDS if self.error <= float(bound)), "inf")

    def __str__(self) -> str:
        return "\n".join([*aligned(self.table()), self.verdict()])

    def _repr_html_(self) -> str:
        headings, *rows = self.table()
        return table(headings, rows, [row.wrong for row in self.rows]) + f"<div>{escape(self.verdict())}</div>"

    def table(self) -> list[tuple[str, ...]]:
        """The rows as texts, the headings first."""
        headings = ("function", "tensor", "shape", "checked", "max error", "worst entry", "remarks")
        table = [headings, *(_cells(row) for row in self.rows)]
        return table if any(line[-1] for line in table[1:]) else [line[:-1] for line in table]

    def verdict(self) -> str:
        """One sentence that says how it went."""
        if not self.rows:
            return f"{self.name}: nothing to check, there are no parameters and no real inputs"
        if self.ok:
            how = f"{self.name}: gradients agree with differences, worst relative error {self.error:.1e}"
            return how + self._sparse()
        wrong = ", ".join(dict.fromkeys(row.name for row in self.rows if row.wrong))
        return f"{self.name}: WRONG gradient of {wrong}, worst relative error {self.error:.1e}"

    def _sparse(self) -> str:
        """What was looked at where next to no entry was: for a large network."""
        seen = sum(row.checked for row in self.rows)
        directions = {row.directions for row in self.rows if row.function in ("loss_and_grad", "backward")}
        if directions != {1}:
            return ""
        return f"; a large network: checked by 1 direction through all of them and by {seen} entries"

    def to_json(self) -> str:
        """The report as JSON; errors that are not finite are null."""
        rows = [{key: _plain(value) for key, value in asdict(row).items()} for row in self.rows]
        content = {"name": self.name, "ok": self.ok, "error": _plain(self.error), "tolerance": self.tolerance}
        return json.dumps({**content, "seed": self.seed, "sizes": dict(self.sizes), "rows": rows}, indent=2)


def aligned(table: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table of texts, its columns aligned."""
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    padded = (zip(line, widths, strict=True) for line in table)
    return ["  ".join(cell.ljust(width) for cell, width in line).rstrip() for line in padded]


def _plain(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _cells(row: Row) -> tuple[str, ...]:
    checked = f"{row.checked} of {math.prod(row.shape)}" + (f" + {row.directions} dirs" if row.directions else "")
    kinks = [f"{row.kinks} at a kink"] if row.kinks else []
    unknown = [f"{row.open} not resolved"] if row.open else []
    wrong = [f"WRONG: is {row.claimed:.9g}, should be {row.measured:.9g}"] if row.wrong and not row.note else []
    worst = f"[{', '.join(map(str, row.worst))}]" if row.checked else ""
    remarks = "; ".join([*wrong, *kinks, *unknown, *([row.note] if row.note else [])])
    return row.function, row.name, str(list(row.shape)), checked, f"{row.error:.1e}", worst, remarks
