"""The rows of the planner, each forced in turn: what is emitted has to give what the interpreter gives.

A row fires on a program where another answer changes the emitted lines; only those run. In float64 results agree up to
rounding. In float32 so do they where the program is steady: where inputs that differ in the last digits give other
results, by a branch that goes the other way or by terms that cancel, single precision says nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import Any

import numpy as np

from symnet.errors import UnsupportedError
from symnet.ir.interpret import interpret
from symnet.ir.program import Program
from symnet.ir.show import show
from symnet.passes.pipeline import EMITTED, NARROW, WIDE, run
from symnet.planning import rows
from symnet.planning.rows import Row
from tests.agreement import close, points
from tests.backends import kernel_runs
from tests.differences import seeded, upstream
from tests.programs import RandomProgram

# The tolerances, and how far results may move where inputs do by a few units in the last place.
TOLERANCE = {np.float64: 1e-8, np.float32: 2e-4}
MOVED, SHIFT = 2e-5, 4e-7

# The last passes run anew for every row: there is one among them that asks.
BEFORE, BEHIND = EMITTED[: EMITTED.index("multiples")], EMITTED[EMITTED.index("multiples") :]

# Rows for programs whose steps have no dimensions at all.
SCALAR = (rows.NUMBERS,)
KERNEL_ROWS = tuple(row for row in rows.ROWS if row not in SCALAR)

Values = Mapping[str, Any]


class Case:
    """A program with its adjoint, and what it has to give at some values, in both precisions."""

    def __init__(self, r: RandomProgram) -> None:
        derived = seeded(r.program, r.wrt)
        values = upstream(derived, next(points(r)), r.sizes, r.seed)
        self.sizes, self.program = r.sizes, derived.program
        for name in (*WIDE, *NARROW, *BEFORE):
            self.program = run(name, self.program)
        given = {n: v for n, v in values.items() if n in self.program.tensors}
        self.given = {np.float64: given, np.float32: _changed(given, lambda v: v.astype(np.float32).astype(float))}
        self.expected = {d: interpret(self.program, values, self.sizes) for d, values in self.given.items()}
        self.dtypes = tuple(TOLERANCE) if self._is_steady(np.random.default_rng(0)) else (np.float64,)
        self.planned = self._source()

    def planned_failures(self) -> Iterator[str]:
        """What is wrong with the program as it is planned."""
        yield from self._failures("as planned")

    def forced(self, row: Row) -> Iterator[tuple[str, list[str]]]:
        """The other formulas of a row that fire, each with what is wrong then."""
        with ExitStack() as stack:
            before = self.planned
            if row.behind is not None:
                stack.enter_context(rows.forced(row.behind, rows.always))
                before = self._source()
            for formula in row.others:
                with rows.forced(row, formula) as force:
                    if self._source() != before:
                        assert force.asked
                        yield formula.__name__, list(self._failures(f"{row.name}: {formula.__name__}"))

    def _finished(self) -> Program:
        program = self.program
        for name in BEHIND:
            program = run(name, program)
        return program

    def _source(self) -> str:
        return kernel_runs.function_source(self._finished(), self.program.results, often=True)[0]

    def _failures(self, row: str) -> Iterator[str]:
        program = self._finished()
        for dtype in self.dtypes:
            found = kernel_runs.run(program, self.given[dtype], self.sizes, program.results, dtype)
            expected, rtol = self.expected[dtype], TOLERANCE[dtype]
            wrong = [name for name in program.results if not close(found[name], expected[name], rtol)]
            if wrong:
                yield f"{row}, {dtype.__name__}: wrong on {', '.join(wrong)}\n{show(program)}"

    def _is_steady(self, rng: np.random.Generator) -> bool:
        """Whether results stay where they are when the inputs move in their last digits."""
        moved = _changed(self.given[np.float32], lambda v: v * (1 + SHIFT * rng.uniform(-1, 1, v.shape)))
        found = interpret(self.program, moved, self.sizes)
        return all(close(found[name], self.expected[np.float32][name], MOVED) for name in self.program.results)


def case_of(r: RandomProgram) -> Case | None:
    """The case of a program; None for a recurrence that is only interpreted so far."""
    try:
        return Case(r)
    except UnsupportedError:
        return None


def row_failures(r: RandomProgram) -> Iterator[str]:
    """What is wrong with a program as planned, and with any row forced."""
    case = case_of(r)
    if case is not None:
        yield from case.planned_failures()
        for row in KERNEL_ROWS:
            for _, failures in case.forced(row):
                yield from failures


def _changed(values: Values, change: Any) -> Values:
    """The values with a change made to the real ones."""
    arrays = {name: np.asarray(value) for name, value in values.items()}
    return {name: change(array) if array.dtype.kind == "f" else array for name, array in arrays.items()}
