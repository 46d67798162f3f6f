"""What a step costs besides its time: memory, import, first call, compile time; and second derivatives.

Each figure comes from a fresh process. The match (`python -m benchmarks.peers`) adds these tables to its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.peers.pool import Crashed, in_a_process
from benchmarks.peers.report import Table
from benchmarks.peers.rows import WORKLOADS

Progress = Callable[[str], None]
Goal = tuple[str, ...]

# What is to be reached, see issue "Fast": import in seconds, first call over later ones, JAX's time over ours.
IMPORT, FIRST = 0.010, 3.0
# How far the predicted memory may be from the measured one; bytes that Python's own objects may take besides.
PREDICTED, OBJECTS = 0.1, 1000
HESSIANS = {"hessian_quadratic": ("x^T A x, n = 2048", 20), "hessian_logistic": ("logistic regression, 2048 x 256", 3)}


def costs(rows: Sequence[str], folder: Path, progress: Progress) -> tuple[Table, list[Goal]]:
    """One line for each row, and the goals as lines of their table."""
    lines, memory, plans, starts, compiling = [], [], [], [], []
    for row in rows:
        file = str(folder / f"{row}.npz")

        def ask(what: str, contender: str, row: str = row, file: str = file) -> Any:
            progress(f"{row}: {what} of {contender}")
            try:
                return in_a_process("probe", what, contender, file)
            except Crashed:
                return None

        ours, theirs = ask("memory", "symnet"), ask("memory", "torch")
        ask("start", "symnet")  # writes the bytecode
        begun = [found for _ in range(3) if (found := ask("start", "symnet"))]
        pairs = [(ask("compiling", "symnet"), ask("compiling", "jax")) for _ in range(3)]
        seconds, jax, quotient = (
            _middle(found) for found in (*zip(*pairs, strict=True), [_quotient(*p) for p in pairs])
        )
        memory.append((row, _quotient(ours, theirs)))
        plans.append((row, ask("predicted", "symnet"), ours))
        firsts = [found["first"] / found["later"] for found in begun]
        imports = [found["import"] for found in begun]
        starts.append((row, min(imports, default=None), _middle(firsts)))
        compiling.append((row, quotient))
        megabytes = [_text(value and value / 1e6, 3) for value in (ours, ask("memory", "hand"), theirs)]
        lines.append(
            (
                row,
                *megabytes,
                _text(memory[-1][1]),
                _text(_quotient(*plans[-1][1:])),
                _text(starts[-1][1], 1, 1e3),
                _text(min((found["import"] + found["compiled"] for found in begun), default=None), 1, 1e3),
                _text(starts[-1][2], 1),
                _text(seconds),
                _text(jax),
                _text(compiling[-1][1]),
            )
        )
    head = (
        "row",
        "MB symnet",
        "MB hand",
        "MB torch",
        "symnet/torch",
        "predicted/measured",
        "import ms",
        "no bytecode",
        "first/later",
    )
    head += ("compile s", "JAX compile s", "symnet/JAX")
    table = Table("Memory of a step, import, first call, compile time", head, tuple(lines))
    return table, [*_worst_goals(memory, starts), *_predicted_goal(plans), *_compile_goal(compiling)]


def hessians(progress: Progress, rounds: int = 3) -> tuple[Table, list[Goal]]:
    """Second derivatives against `jax.hessian`, jitted; the processes alternate."""
    lines, goals = [], []
    for spec, (title, goal) in HESSIANS.items():
        times: dict[str, list[float]] = {"symnet": [], "jax": []}
        for number in range(rounds):
            for contender, found in times.items():
                progress(f"{spec}: round {number + 1} of {rounds}, {contender}")
                found.append(in_a_process("probe", "hessian", contender, str(WORKLOADS / f"{spec}.sym")))
        ratio = median(theirs / ours for ours, theirs in zip(times["symnet"], times["jax"], strict=True))
        lines.append((title, *(f"{median(found) * 1e3:,.2f}" for found in times.values()), f"{ratio:.1f}"))
        goals.append((f"JAX / symnet, Hessian of {title}", f">= {goal}", f"{ratio:.1f}", _yes(ratio >= goal), ""))
    return Table("Hessians, milliseconds, 1 thread", ("of", "symnet", "JAX", "JAX/symnet"), tuple(lines)), goals


def _middle(found: Sequence[float | None]) -> float | None:
    """The median of what was found."""
    known = [value for value in found if value is not None]
    return median(known) if known else None


# --- goals ---


def _worst_goals(memory: list[Any], starts: list[Any]) -> list[Goal]:
    wanted = (
        ("memory of a step / PyTorch's, worst row", 1.0, 1, "", memory),
        ("import above NumPy's, worst row", IMPORT, 1e3, " ms", [(row, value) for row, value, _ in starts]),
        ("first call / later ones, worst row", FIRST, 1, "", [(row, value) for row, _, value in starts]),
    )
    goals = []
    for what, most, unit, word, values in wanted:
        known = [(value, row) for row, value in values if value is not None]
        if known:
            value, row = max(known)
            goals.append((what, f"<= {most * unit:g}{word}", f"{value * unit:.2f}{word}", _yes(value <= most), row))
    return goals


def _predicted_goal(plans: list[Any]) -> list[Goal]:
    """The row whose predicted memory is furthest from the measured one, what objects may take left aside."""
    known = [(row, plan, real) for row, plan, real in plans if plan and real]
    if not known:
        return []
    row, plan, real = max(known, key=lambda found: max(abs(found[1] - found[2]) - OBJECTS, 0) / found[2])
    met = all(abs(plan - real) <= max(PREDICTED * real, OBJECTS) for _, plan, real in known)
    what = "memory predicted / measured, worst row (within 1 kB it counts as met)"
    return [(what, f"{1 - PREDICTED:g} to {1 + PREDICTED:g}", f"{plan / real:.2f}", _yes(met), row)]


def _compile_goal(compiling: list[Any]) -> list[Goal]:
    known = [value for _, value in compiling if value is not None]
    if not known:
        return []
    good = sum(value <= 1 for value in known)
    found = f"{good} of {len(known)}"
    return [("rows compiled in at most JAX's time", ">= half", found, _yes(2 * good >= len(known)), "")]


def _quotient(a: float | None, b: float | None) -> float | None:
    return a / b if a is not None and b else None


def _text(value: float | None, digits: int = 2, unit: float = 1) -> str:
    return "-" if value is None else f"{value * unit:,.{digits}f}"


def _yes(met: bool) -> str:
    return "yes" if met else "no"
