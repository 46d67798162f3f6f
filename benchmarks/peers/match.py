"""One match: every contender on every row, round by round, with so many threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import sleep
from typing import Any

from benchmarks.peers.pool import Contestant, Crashed

# Threads of the last contender may spin for a while before they sleep.
PAUSE = {1: 0.002}
LONGER_PAUSE = 0.05

Progress = Callable[[str], None]


@dataclass
class Cell:
    """A contender on a row.

    seconds  of a step, one number a round; empty where it has no time
    error    of its answer, relative to float64
    reason   why there is no time: it has no such row (""), a wrong answer, a crash
    """

    seconds: list[float] = field(default_factory=list)
    error: float | None = None
    reason: str = ""

    @property
    def time(self) -> float | None:
        """The median over the rounds."""
        return median(self.seconds) if self.seconds else None

    def ratio(self, other: Cell) -> float | None:
        """Its time over another's: the median of the rounds' ratios."""
        if not (self.seconds and other.seconds):
            return None
        return median(mine / theirs for mine, theirs in zip(self.seconds, other.seconds, strict=True))

    @property
    def spread(self) -> float | None:
        """The middle half of its times, as a part of their median."""
        if not self.seconds:
            return None
        ranked = sorted(self.seconds)
        return (ranked[3 * len(ranked) // 4] - ranked[len(ranked) // 4]) / median(ranked)


@dataclass
class Match:
    """The results with one number of threads: rows of cells, the machine's peaks, and whether it was stopped."""

    threads: int
    machine: Mapping[str, Any]
    rows: dict[str, dict[str, Cell]] = field(default_factory=dict)
    stopped: bool = False


@dataclass(frozen=True)
class Effort:
    """How much is measured: rounds, and seconds of a contender's block in one of them."""

    rounds: int
    block: float


def play(
    rows: Sequence[str],
    contenders: Sequence[str],
    threads: int,
    effort: Effort,
    folder: Path,
    progress: Progress,
    finished: Callable[[str, dict[str, Cell]], None],
) -> Match:
    """Run all contenders on all rows; `finished` is told each row as it is done.

    Ctrl-C ends the match; the rows that are done are kept.
    """
    log = folder / "contenders.log"
    pool = {name: Contestant(name, threads, log) for name in contenders}
    judge = Contestant("hand", threads, log)
    progress(f"{threads} threads: what the machine can do")
    match = Match(threads, judge.ask("machine"))
    judge.close()
    try:
        for row in rows:
            match.rows[row] = _row(row, pool, effort, folder, lambda text: progress(f"{threads} threads: {text}"))
            finished(row, match.rows[row])
    except KeyboardInterrupt:
        match.stopped = True
    finally:
        for contestant in pool.values():
            contestant.close()
    return match


def _row(row: str, pool: Mapping[str, Contestant], effort: Effort, folder: Path, progress: Progress) -> dict[str, Cell]:
    cells = {name: Cell() for name in pool}
    calls = {}
    for name, contestant in pool.items():
        progress(f"{row}: {name} begins")
        try:
            answer = contestant.ask("load", str(folder / f"{row}.npz"))
            cells[name] = _judged(answer)
            if cells[name].error is not None and not cells[name].reason:
                calls[name] = contestant.ask("calls", effort.block)["calls"]
        except Crashed as crash:
            cells[name].reason = str(crash)
    for number in range(effort.rounds):
        for name in tuple(calls):
            progress(f"{row}: round {number + 1} of {effort.rounds}, {name}")
            contestant = pool[name]
            sleep(PAUSE.get(contestant.threads, LONGER_PAUSE))
            try:
                cells[name].seconds.append(contestant.ask("time", calls[name])["seconds"])
            except Crashed as crash:
                cells[name] = Cell(reason=str(crash))
                del calls[name]
    return cells


def _judged(answer: Mapping[str, Any]) -> Cell:
    if answer.get("skip"):
        return Cell()
    if "wrong" in answer:
        return Cell(error=answer["wrong"], reason=f"wrong by {answer['wrong']:.0e}")
    return Cell(error=answer["error"])
