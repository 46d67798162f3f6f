"""A contender's process: it is told by lines of JSON what to load and when to run, and answers likewise.

`python -m benchmarks.peers.worker CONTENDER THREADS`. Between commands it sleeps.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

BLOCKS = 12  # of a round
TRIES = 5


class Worker:
    """One contender with at most one problem loaded."""

    def __init__(self, name: str, threads: int) -> None:
        from benchmarks.peers.contenders import CONTENDERS

        self.contender, self.threads = CONTENDERS[name], threads
        self.step: Callable[[], Any] = lambda: None

    def load(self, path: str) -> dict[str, Any]:
        """Build the step for a problem and compare its answer. {"skip": True} where the contender has none."""
        from benchmarks.peers.compare import TOLERANCE, error
        from benchmarks.peers.rows import Problem, Unsupported

        problem = Problem.load(path)
        self.step = lambda: None
        try:
            step, result = self.contender.build(problem, self.threads)
        except Unsupported:
            return {"skip": True}
        start = perf_counter()
        step()
        first = perf_counter() - start
        step()
        wrong = error(problem, *result(step()))
        if wrong > TOLERANCE:
            return {"wrong": wrong}
        self.step = step
        return {"error": wrong, "first": first}

    def calls(self, seconds: float) -> dict[str, Any]:
        """How many calls take so long, where nothing disturbs them."""
        best = min(block(self.step, 1) for _ in range(TRIES))
        best = min(block(self.step, max(1, round(seconds / TRIES / best))) for _ in range(TRIES))
        return {"calls": max(1, round(seconds / best))}

    def time(self, calls: int) -> dict[str, Any]:
        """Seconds of a call, in the fastest of some blocks of so many: the others were disturbed by other programs."""
        gc.collect()
        return {"seconds": min(block(self.step, calls) for _ in range(BLOCKS))}

    def machine(self) -> dict[str, Any]:
        """What the machine can do at most with these threads."""
        from benchmarks.peers.machine import bandwidths, gemm_peak

        return {"flops": gemm_peak(), "bandwidths": bandwidths()}


def block(step: Callable[[], Any], calls: int) -> float:
    """Seconds of one of so many calls, without the garbage collector."""
    gc.disable()
    start = perf_counter()
    for _ in range(calls):
        step()
    passed = perf_counter() - start
    gc.enable()
    return passed / calls


def main() -> None:
    """Answer commands until there are no more. What libraries print goes to the error stream."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    worker = Worker(sys.argv[1], int(sys.argv[2]))
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        try:
            answer = getattr(worker, command)(*arguments)
        except Exception as problem:
            answer = {"failed": f"{type(problem).__name__}: {problem}".splitlines()[0][:300]}
        answers.write(json.dumps(answer) + "\n")


if __name__ == "__main__":
    main()
