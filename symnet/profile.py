"""Which statement of a training step costs what: time, operations and bytes, each with its formula.

The step of the emitted module is run with a clock between its blocks. A block is what stands below the comment with
its formula, so what is timed is the code as it was emitted, line by line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from symnet.backends.numpy.halves import AGAIN
from symnet.compile import Compiled, imported
from symnet.contract import Contract
from symnet.errors import UsageError
from symnet.ir.order import cyclic_groups
from symnet.ir.program import Program, Statement
from symnet.ir.show import show_statement
from symnet.passes.pipeline import step_program
from symnet.passes.schedule import Item, Loop, schedule
from symnet.planning.costs import flops, traffic

DTYPES = ("float32", "float64")
WARM_UP = 3
TRIES = 1000

MARK = "_profile_mark"
COMMENT = re.compile(r"( +)# (.*)")
MARGIN = " " * 4  # of the further lines of a long formula


@dataclass(frozen=True)
class Cost:
    """What one block of the step costs: one statement, or several that are calculated together.

    formula  as in the emitted module
    lines    how many lines of code stand below the formula
    seconds  the median over the calls; in a loop all its turns together
    flops    operations, as `symnet summary` counts them
    bytes    of the tensors that are read and written, each once
    """

    formula: str
    lines: int
    seconds: float
    flops: int
    bytes: int


@dataclass(frozen=True)
class Profile:
    """Costs of the blocks of a step, in the order in which they run.

    step    seconds of a call as users make it, without clocks in between
    around  seconds of what belongs to no statement: looking at the arguments, and the result
    """

    network: str
    sizes: Mapping[str, int]
    dtype: str
    calls: int
    costs: tuple[Cost, ...]
    step: float
    around: float

    @property
    def seconds(self) -> float:
        """Everything that was timed."""
        return sum(cost.seconds for cost in self.costs) + self.around

    def by_time(self) -> Profile:
        """The same, what takes the longest first."""
        ranked = sorted(self.costs, key=lambda cost: -cost.seconds)
        return Profile(self.network, self.sizes, self.dtype, self.calls, tuple(ranked), self.step, self.around)

    def __str__(self) -> str:
        return profile_text(self)

    def to_json(self) -> str:
        """Everything as JSON, times in seconds."""
        statements = [
            {
                "formula": cost.formula,
                "lines": cost.lines,
                "seconds": cost.seconds,
                "share": cost.seconds / self.seconds,
                "flops": cost.flops,
                "bytes": cost.bytes,
            }
            for cost in self.costs
        ]
        whole = {"network": self.network, "sizes": dict(self.sizes), "dtype": self.dtype, "calls": self.calls}
        return json.dumps(
            whole | {"step": self.step, "around": self.around, "statements": statements}, ensure_ascii=False
        )


def profile(
    compiled: Compiled,
    *,
    sizes: Mapping[str, int] | None = None,
    dtype: str = "float32",
    calls: int = 100,
    seed: int = 0,
) -> Profile:
    """Time the statements of `loss_and_grad`, with a workspace, at random parameters and inputs.

    `sizes` are those that become known at run time; without them the spec's examples are taken. UsageError where the
    network minimises nothing, and for a size or dtype that there is not.
    """
    if dtype not in DTYPES:
        raise UsageError(f"there is no dtype {dtype!r}; there are {' and '.join(DTYPES)}")
    if calls < 1:
        raise UsageError(f"at least one call must be timed, not {calls}")
    program = step_program(compiled.network).program
    source, blocks = with_clocks(compiled.source)
    clock = _Clock(len(blocks))
    module = imported(source, compiled.network.name)
    setattr(module, MARK, clock)
    chosen = Contract.of(module).example_sizes(sizes)
    timed, plain = (_call(m, chosen, dtype, seed) for m in (module, compiled.module))
    rounds = [(_seconds(plain), *_one_round(clock, timed)) for _ in range(calls + WARM_UP)][WARM_UP:]
    whole, around, *seconds = (median(times) for times in zip(*rounds, strict=True))
    known = _by_formula(program, chosen)
    real = np.dtype(dtype).itemsize
    costs = tuple(
        Cost(
            block.text(known),
            block.lines,
            max(taken, 0.0),
            sum(turns.flops() for turns in block.among(known)),
            sum(turns.bytes(program, real) for turns in block.among(known)),
        )
        for block, taken in zip(blocks, seconds, strict=True)
    )
    return Profile(compiled.network.name, chosen, dtype, calls, costs, whole, around)


def _call(module: Any, sizes: Mapping[str, int], dtype: str, seed: int) -> Any:
    """A call of the step that has no arguments left."""
    contract = Contract.of(module)
    rng = np.random.default_rng(seed)
    params = contract.init(rng, np.dtype(dtype))
    drawn = contract.sample_inputs(rng, sizes)
    given: dict[str, Any] = {contract.inputs[name].argument: _real(a, dtype) for name, a in drawn.items()}
    noise = contract.draw(rng, sizes)
    if noise is not None and contract.draws("loss_and_grad"):
        given["noise"] = {name: _real(a, dtype) for name, a in noise.items()}
    state = contract.init_state(dtype)
    carried = () if state is None else (state,)
    workspace = module.Workspace()
    return lambda: module.loss_and_grad(params, *carried, **given, workspace=workspace)


def _real(array: Any, dtype: str) -> Any:
    return array.astype(dtype) if array.dtype.kind == "f" else array


def _seconds(call: Any) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start


# --- the clock in the code -------------------------------------------------------------------------


class _Clock:
    """Adds the time since the last mark to the block that was running; block 0 is what belongs to none.

    The clock's own time is taken off: `gap` is what two marks with nothing in between would show.
    """

    def __init__(self, blocks: int) -> None:
        self.totals = [0.0] * (blocks + 1)
        self.running = 0
        self.since = perf_counter()
        self.gap = 0.0
        self.gap = self._smallest_gap()

    def __call__(self, block: int) -> None:
        now = perf_counter()
        self.totals[self.running] += now - self.since - self.gap
        self.running = block
        self.since = perf_counter()

    def restart(self) -> None:
        """Begin anew, outside of all blocks."""
        self.totals = [0.0] * len(self.totals)
        self.running, self.since = 0, perf_counter()

    def _smallest_gap(self) -> float:
        gaps = []
        for _ in range(TRIES):
            self.restart()
            self(0)
            gaps.append(self.totals[0])
        return min(gaps)


def _one_round(clock: _Clock, call: Any) -> list[float]:
    clock.restart()
    call()
    clock(0)
    return clock.totals


@dataclass(frozen=True)
class _Turns:
    """A statement, its formula, how often it runs, and the sizes at which it does."""

    formula: str
    statement: Statement
    sizes: Mapping[str, int]
    turns: int

    def flops(self) -> int:
        return self.turns * flops(self.statement).value(self.sizes)

    def bytes(self, program: Program, real_bytes: int) -> int:
        return self.turns * traffic(program, self.statement, self.sizes, real_bytes)


@dataclass
class _Block:
    """Formulas of a block, as its comments have them, and the lines of code below them."""

    formulas: list[str]
    lines: int = 0

    def among(self, known: Mapping[str, _Turns]) -> list[_Turns]:
        """Its statements; none for a comment that is no formula of the program."""
        found = [known.get(_squeezed(formula.removeprefix(AGAIN))) for formula in self.formulas]
        return [turns for turns in found if turns is not None]

    def text(self, known: Mapping[str, _Turns]) -> str:
        """Its formulas on one line: as the program has them, since a comment is cut at places without blanks too."""
        return "; ".join(map(partial(_spelled, known=known), self.formulas))


def _spelled(formula: str, known: Mapping[str, _Turns]) -> str:
    again = AGAIN if formula.startswith(AGAIN) else ""
    turns = known.get(_squeezed(formula.removeprefix(AGAIN)))
    return formula if turns is None else again + turns.formula


def with_clocks(source: str) -> tuple[str, list[_Block]]:
    """The source of a module with a mark before each block of its step, and the blocks. Marks count from 1.

    UsageError where the module has no step.
    """
    lines = source.split("\n")
    first, last = _run_of(lines)
    result, blocks = lines[:first], list[_Block]()
    commented = False
    for line in lines[first:last]:
        found = COMMENT.fullmatch(line)
        if found and not commented:
            blocks.append(_Block([found[2]]))
            result.append(f"{found[1]}{MARK}({len(blocks)})")
        elif found:
            _further(blocks[-1], found[2])
        elif line.lstrip().startswith("return"):
            result.append(f"{line[: len(line) - len(line.lstrip())]}{MARK}(0)")
        elif blocks and line.strip():
            blocks[-1].lines += 1
        commented = found is not None
        result.append(line)
    return "\n".join([*result, *lines[last:]]), blocks


def _further(block: _Block, text: str) -> None:
    """One more line of a comment: the rest of a long formula, or another one."""
    if text.startswith(MARGIN):
        block.formulas[-1] += " " + text.strip()
    else:
        block.formulas.append(text)


def _run_of(lines: Sequence[str]) -> tuple[int, int]:
    """Where in the module the body of the step's `run` begins and ends, or of `calculate`, which it calls."""
    step = next((k for k, line in enumerate(lines) if line.startswith("def _step(")), None)
    if step is None:
        raise UsageError("this network has no training step", hint="add a line such as `minimize loss` to the spec")
    head = next(k for k in range(step, len(lines)) if lines[k].lstrip().startswith(("def run(", "def calculate(")))
    margin = len(lines[head]) - len(lines[head].lstrip())
    for k in range(head + 1, len(lines)):
        text = lines[k].lstrip()
        if text and not text.startswith(")") and len(lines[k]) - len(text) <= margin:
            return head + 1, k
    return head + 1, len(lines)


def _by_formula(program: Program, sizes: Mapping[str, int]) -> dict[str, _Turns]:
    """The statements by their formulas, as the comments of the emitted code have them but for blanks."""
    items = schedule(program) if cyclic_groups(program) else program.statements
    return {_squeezed(turns.formula): turns for turns in _turns(items, program, sizes)}


def _turns(items: Sequence[Item], program: Program, sizes: Mapping[str, int], turns: int = 1) -> Iterator[_Turns]:
    """The statements of a schedule, each with how often it runs; a time stands for the number of its loop's turns."""
    for item in items:
        if isinstance(item, Loop):
            length = item.extent.value(sizes)
            yield from _turns(item.items, program, {**sizes, item.index: length}, turns * length)
        else:
            adds = len(program.writers[item.target.tensor]) > 1
            yield _Turns(show_statement(item, program.tensors, adds=adds), item, sizes, turns)


def _squeezed(formula: str) -> str:
    return "".join(formula.split())


# --- as text ---------------------------------------------------------------------------------------


def profile_text(p: Profile) -> str:
    """A line for each block, and the totals."""
    at = "".join(f", {name} = {size}" for name, size in p.sizes.items())
    title = f"{p.network}: {_time(p.step)} per step{at}, {p.dtype}, median of {p.calls} calls"
    head = ("time", "share", "operations", "bytes", "Gop/s", "formula")
    rows = [_line(cost, p.seconds) for cost in p.costs]
    rows.append((_time(p.around), f"{p.around / p.seconds:.1%}", "", "", "", "(arguments and results)"))
    total = Cost("(all)", 0, p.seconds, sum(c.flops for c in p.costs), sum(c.bytes for c in p.costs))
    return "\n\n".join((title, "\n".join(_aligned([head, *rows, _line(total, p.seconds)]))))


def _line(cost: Cost, whole: float) -> tuple[str, ...]:
    rate = f"{cost.flops / cost.seconds / 1e9:.2f}" if cost.seconds and cost.flops else ""
    share = f"{cost.seconds / whole:.1%}" if whole else ""
    return _time(cost.seconds), share, f"{cost.flops:,}", f"{cost.bytes:,}", rate, cost.formula


def _time(seconds: float) -> str:
    return f"{seconds * 1e6:,.1f} us" if seconds < 0.01 else f"{seconds * 1e3:,.1f} ms"


def _aligned(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Numbers flush right, the formula last."""
    widths = [max(len(row[k]) for row in rows) for k in range(len(rows[0]) - 1)]
    for row in rows:
        yield "  ".join((*(cell.rjust(width) for cell, width in zip(row[:-1], widths, strict=True)), row[-1]))
