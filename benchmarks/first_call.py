"""Where the time of a first call goes: `python -m benchmarks.first_call [--rows mlp*,scalar_graph] [--rounds 15]`.

For each row of the benchmark, in microseconds, the least of fifteen fresh processes, part by part:

    first     the first call of a process: checks of the arguments, plan (arrays, constants, views), bind (views of
              parameters), run
    second    the first call with a second workspace in the same process. What first has above it is paid once in a
              process, whatever module comes first: pages of NumPy and BLAS that are read for the first time, BLAS's
              own buffers, the ufuncs' tables, Python's bytecode that is not specialised yet
    later     a call with the same arrays, in the median of twenty
    pages     of memory, which the kernel hands out, filled with zeros, when they are touched for the first time
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.peers.__main__ import chosen
from benchmarks.peers.pool import in_a_process
from benchmarks.peers.report import Table, markdown
from benchmarks.peers.rows import ROWS

PARTS = ("checks", "plan", "bind", "run")
HEAD = ("row", "first", *PARTS, "pages", "second", "pages", "later", "first/later", "second/later")


def main() -> None:
    """Compile the rows, call each in fresh processes, print a table."""
    parser = argparse.ArgumentParser(description="where the time of a first call goes")
    parser.add_argument("--rows", default="", help="names of rows, with * and ?; all without it")
    parser.add_argument("--rounds", type=int, default=15, help="processes for each row")
    given = parser.parse_args()
    rows = chosen(given.rows, tuple(ROWS), "workload")
    with tempfile.TemporaryDirectory() as name, Console(stderr=True).status("") as status:
        folder, lines = Path(name), []
        for spec in dict.fromkeys(ROWS[row].spec for row in rows):
            status.update(f"compiling {spec}")
            in_a_process("prepare", spec, name)
        for row in rows:
            status.update(row)
            lines.append(line(row, folder, given.rounds))
    print(markdown(Table("First calls, microseconds", HEAD, tuple(lines))))


def line(row: str, folder: Path, rounds: int) -> tuple[str, ...]:
    """A row of the table."""
    in_a_process("probe", "first_call", "symnet", str(folder / f"{row}.npz"))  # writes the bytecode
    found = [in_a_process("probe", "first_call", "symnet", str(folder / f"{row}.npz")) for _ in range(rounds)]

    def least(which: str, name: str) -> float:
        return min(part(one[which], name) for one in found)

    first, *parts = (least("first", name) for name in ("whole", *PARTS))
    second, later = least("second", "whole"), least("later", "whole")
    times = [f"{time * 1e6:,.1f}" for time in (first, *parts, second, later)]
    pages = [f"{least(which, 'pages'):,.0f}" for which in ("first", "second")]
    ratios = (f"{time / later:.1f}" for time in (first, second))
    return row, *times[:-2], pages[0], times[-2], pages[1], times[-1], *ratios


def part(times: dict[str, Any], name: str) -> float:
    """Seconds of a part; what is neither plan nor bind nor run checks the arguments."""
    if name == "checks":
        return times["whole"] - times["plan"] - times["bind"] - times["run"]
    return times[name]


if __name__ == "__main__":
    main()
