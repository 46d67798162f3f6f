"""Generated modules against what people would use instead: `python -m benchmarks.peers`.

Every contender is a process of its own. Round by round each runs a block of steps while the others sleep; ratios are
medians over the rounds, so that what slows the machine down for a while slows all alike. An answer that is wrong gets
no time. See benchmarks/README.md for what each figure means.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

from rich.console import Console

from benchmarks.peers import report
from benchmarks.peers.contenders import CONTENDERS
from benchmarks.peers.costs import costs, hessians
from benchmarks.peers.machine import description, load
from benchmarks.peers.match import Cell, Effort, Match, play
from benchmarks.peers.pool import ROOT, Crashed, in_a_process
from benchmarks.peers.rows import ROWS

FOLDER = ROOT / "build" / "bench"
RESULTS = ROOT / "benchmarks" / "results"
FULL, QUICK = Effort(rounds=11, block=0.005), Effort(rounds=3, block=0.002)


def chosen(text: str, known: tuple[str, ...], what: str) -> list[str]:
    """The names of a list with commas: `mlp*,vae_b64` takes what begins with mlp, too."""
    if not text:
        return list(known)
    found: list[str] = []
    for word in text.split(","):
        match = [name for name in known if name == word or (word.endswith("*") and name.startswith(word[:-1]))]
        if not match:
            raise SystemExit(f"there is no {what} {word!r}; there are {', '.join(known)}")
        found += match
    return [name for name in known if name in found]


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__.splitlines()[0])
    parser.add_argument("--rows", default="", metavar="NAME,...", help="only these workloads; mlp* is all of them")
    parser.add_argument("--contenders", default="", metavar="NAME,...", help="only these; symnet is always there")
    parser.add_argument("--rounds", type=int, help=f"how many (default: {FULL.rounds})")
    parser.add_argument(
        "--threads", default="1,2", metavar="N,...", help="how many (default: 1,2: one after the other)"
    )
    parser.add_argument("--quick", action="store_true", help="three short rounds, to see whether all is in order")
    parser.add_argument("--no-costs", action="store_true", help="leave out memory, start, compile time and Hessians")
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help="where to save the tables, as Markdown")
    parser.add_argument("--list", action="store_true", help="list the workloads and the contenders")
    return parser.parse_args()


def main() -> None:
    """Prepare, play, report."""
    given = options()
    console = Console(stderr=True)
    if given.list:
        listing()
        return
    rows = chosen(given.rows, tuple(ROWS), "workload")
    names = present(chosen(given.contenders, tuple(CONTENDERS), "contender"), console)
    names = list(dict.fromkeys((report.OURS, *names)))
    effort = QUICK if given.quick else FULL
    effort = Effort(given.rounds or effort.rounds, effort.block)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with console.status("") as status:
        work = prepared(rows, console, status.update)
        matches = []
        for threads in map(int, given.threads.split(",")):
            matches.append(play(rows, names, threads, effort, FOLDER, status.update, line(console)))
            if matches[-1].stopped:
                break
    tables = [table for match in matches for table in (report.times(match), report.ratios(match, work))]
    goals = report.goals(matches)
    stopped = any(match.stopped for match in matches)
    if not (given.no_costs or given.quick or stopped):
        with console.status("") as status:
            for table, lines in (costs(rows, FOLDER, status.update), hessians(status.update)):
                tables.append(table)
                goals = replace(goals, rows=(*goals.rows, *lines))
    tables.append(goals)
    out = Console(width=200)
    for table in tables:
        out.print(report.rich_table(table))
    notes = notes_of(matches, names, effort)
    if stopped:
        notes.append("stopped before the end")
    out.print("\n".join(notes), highlight=False)
    output = given.output or (None if given.quick or given.rows or given.contenders else default_output())
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        text = "\n".join(f"- {note}" for note in notes)
        output.write_text("# Results\n\n" + text + "\n\n" + "\n".join(map(report.markdown, tables)), encoding="utf-8")
        out.print(f"saved to {output}")


def listing() -> None:
    """Print the workloads and the contenders."""
    for row in ROWS.values():
        sizes = ", ".join(f"{name}={value}" for name, value in row.sizes.items())
        print(f"{row.name:22}{row.path.relative_to(ROOT)}  {sizes}")
    for contender in CONTENDERS.values():
        print(f"{contender.name:22}{contender.title}")


def present(names: list[str], console: Console) -> list[str]:
    """Those whose package is installed."""
    missing = [name for name in names if importlib.util.find_spec(CONTENDERS[name].package) is None]
    if missing:
        console.print(f"not installed: {', '.join(missing)}; `make bench` installs all", style="yellow")
    return [name for name in names if name not in missing]


def prepared(rows: list[str], console: Console, progress: Callable[[str], None]) -> dict[str, dict[str, float]]:
    """Compile the specs of the rows. Says what the rows cost at least, by row."""
    work: dict[str, dict[str, float]] = {}
    for spec in dict.fromkeys(ROWS[row].spec for row in rows):
        progress(f"compiling {spec}")
        try:
            found = in_a_process("prepare", spec, str(FOLDER))["rows"]
        except Crashed as crash:
            raise SystemExit(f"cannot prepare {spec}: {crash}") from crash
        work |= found
        for row, facts in found.items():
            if facts["by_hand"] > 1e-9:
                console.print(f"{row}: module and hand disagree in float64, by {facts['by_hand']:.1e}", style="red")
    return work


def line(console: Console) -> Callable[[str, dict[str, Cell]], None]:
    """What prints a row as soon as it is done."""

    def finished(row: str, cells: dict[str, Cell]) -> None:
        best = report.best_peer(cells)
        ours = cells[report.OURS]
        found = f"{(ours.time or 0) * 1e6:10,.1f} us" if ours.time else ours.reason
        ratio = ours.ratio(cells[best]) if best else None
        against = f"  {ratio:.2f} of {best}" if ratio else ""
        console.print(f"{row:22}{found}{against}", highlight=False)

    return finished


def notes_of(matches: list[Match], names: list[str], effort: Effort) -> list[str]:
    """The machine, how it was measured, and what went wrong."""
    notes = [f"{date.today()}, symnet {revision()}", *description()]
    notes += [
        f"{report.threads_of(match)}: {match.machine['flops'] / 1e9:.0f} GFlop/s in float32 products, "
        + ", ".join(f"{rate / 1e9:.0f} GB/s over {size / 2**20:g} MB" for size, rate in match.machine["bandwidths"])
        for match in matches
    ]
    notes.append(f"load of the machine at the end, over 1, 5 and 15 minutes: {load()}; an idle one shows about 1")
    notes.append(f"{effort.rounds} rounds; {', '.join(f'{name}: {CONTENDERS[name].title}' for name in names)}")
    return notes + [f"{report.threads_of(match)}, {remark}" for match in matches for remark in report.remarks(match)]


def revision() -> str:
    """The commit that is measured."""
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "outside of a repository"


def default_output() -> Path:
    """A file of today's."""
    return RESULTS / f"{date.today()}.md"


if __name__ == "__main__":
    sys.exit(main())
