"""A contender's process: it is told by lines of JSON what to load and when to run, and answers likewise.

`python -m benchmarks.peers.worker CONTENDER THREADS`. Between commands it sleeps.
"""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

BLOCKS = 9  # of a round; the first is for the caches


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
        """How many calls take so long."""
        done, start = 0, perf_counter()
        while (passed := perf_counter() - start) < seconds and done < 100_000:
            self.step()
            done += 1
        return {"calls": max(1, round(done * seconds / passed))}

    def time(self, calls: int) -> dict[str, Any]:
        """Seconds of a call: the median over blocks of so many calls.

        Only the blocks count in which other processes came between the least often.
        """
        gc.collect()
        blocks = [block(self.step, calls) for _ in range(BLOCKS)][1:]
        least = min(interruptions for interruptions, _ in blocks)
        return {"seconds": median(seconds for interruptions, seconds in blocks if interruptions == least)}

    def machine(self) -> dict[str, Any]:
        """What the machine can do at most with these threads."""
        from benchmarks.peers.machine import bandwidths, gemm_peak

        return {"flops": gemm_peak(), "bandwidths": bandwidths()}


def block(step: Callable[[], Any], calls: int) -> tuple[int, float]:
    """How often other processes took the CPU during so many calls, and the seconds of one of them.

    The garbage collector waits.
    """
    gc.disable()
    before = interrupted()
    start = perf_counter()
    for _ in range(calls):
        step()
    passed = perf_counter() - start
    gc.enable()
    return interrupted() - before, passed / calls


def interrupted() -> int:
    """How often another process took the CPU from this one. Always 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_nivcsw


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
