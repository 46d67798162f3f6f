"""The contenders' processes, seen by the driver."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
THREAD_LIMITS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
# Settings that make OpenBLAS another one than users have, or Python slow to start.
UNSET = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "OMP_WAIT_POLICY", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE")


class Crashed(Exception):
    """A contender's process has ended, or said that a command failed."""


def environment(threads: int) -> dict[str, str]:
    """What a process is started with, so that its libraries use so many threads."""
    kept = {name: value for name, value in os.environ.items() if name not in UNSET}
    return kept | dict.fromkeys(THREAD_LIMITS, str(threads))


class Contestant:
    """One contender's process. It computes only between a question and its answer."""

    def __init__(self, name: str, threads: int, log: Path) -> None:
        self.name, self.threads, self.log = name, threads, log
        self.process = self._start()

    def ask(self, command: str, *arguments: Any) -> Mapping[str, Any]:
        """Have it run a command. Crashed, with the reason, where it cannot; it is then started anew."""
        try:
            self.process.stdin.write(json.dumps([command, *arguments]) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except OSError:
            line = ""
        if not line:
            code = self.process.wait()
            self.process = self._start()
            raise Crashed(f"the process ended with code {code}; see {self.log}")
        answer: Mapping[str, Any] = json.loads(line)
        if "failed" in answer:
            raise Crashed(answer["failed"])
        return answer

    def close(self) -> None:
        """End the process."""
        self.process.stdin.close()
        self.process.wait()

    def _start(self) -> Any:
        command = [sys.executable, "-m", "benchmarks.peers.worker", self.name, str(self.threads)]
        with self.log.open("a", encoding="utf-8") as log:
            return subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment(self.threads),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,  # Ctrl-C is for the driver
            )


def in_a_process(module: str, *arguments: str, threads: int = 1) -> Any:
    """What a module of this package prints as JSON, in a fresh process. Crashed, with the last line of its errors."""
    command = [sys.executable, "-m", f"benchmarks.peers.{module}", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment(threads), capture_output=True, text=True, check=False)
    if done.returncode:
        raise Crashed((done.stderr.strip().splitlines() or [f"code {done.returncode}"])[-1][:300])
    return json.loads(done.stdout.splitlines()[-1])
