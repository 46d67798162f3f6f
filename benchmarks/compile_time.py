"""How long compiling takes, and where the time goes: `python benchmarks/compile_time.py`.

Every measurement is a process of its own, of one thread; the seconds are those of its processor, which other processes
do not lengthen. The goals, with the check of the gradients: the digits example under 3 s, a chain of 1,000 dense layers
under 60 s, a transformer of 12 layers and width 768 under 20 s, a residual network of 50 layers under 30 s.
Time and memory grow in proportion to the depth and do not depend on the width.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
CHAIN = """network chain
const depth = 3
const width = 10
input x[N, width]
h{0}[n, i] = x[n, i]
for l in 1..depth+1:
    h{l} = dense(h{l-1}, width, activation=tanh)
output h{depth}
minimize mean(n, i: h{depth}[n, i]**2)
"""
STAGES = ("importing SymPy", "resolving", "differentiating", "emitting", "checking")


@dataclass(frozen=True)
class Job:
    """One measurement: a spec, its constants, and whether its gradients are checked."""

    title: str
    spec: Path
    constants: Mapping[str, int]
    check: bool = False


def jobs(chain: Path) -> Iterator[Job]:
    """All measurements, in the order of the table."""
    yield Job("examples/digits_mlp.sym, checked", EXAMPLES / "digits_mlp.sym", {}, check=True)
    for depth in (100, 300, 1000):
        yield Job(f"chain of {depth:,} layers, checked", chain, {"depth": depth}, check=True)
    for width in (10, 10_000):
        yield Job(f"chain of 3 layers, width {width:,}", chain, {"width": width})
    for depth in (3, 6, 12, 24):
        yield transformer(depth, 768)
    for width in (64, 3072):
        yield transformer(12, width)
    for depth in (1, 3, 8):
        title = f"residual network of {2 + 6 * depth} layers"
        yield Job(title, EXAMPLES / "resnet.sym", {"depth": depth})
    yield replace(transformer(12, 768), title="transformer of 12 layers, checked", check=True)
    yield Job("residual network of 50 layers, checked", EXAMPLES / "resnet.sym", {"depth": 8}, check=True)


def transformer(depth: int, width: int) -> Job:
    """A GPT of that depth and width, with heads of 64."""
    constants = {"depth": depth, "width": width, "heads": width // 64}
    return Job(f"transformer of {depth} layers, width {width:,}", EXAMPLES / "gpt_small.sym", constants)


# --- in a process of its own ---


def measured(path: str, constants: Mapping[str, int], check: bool) -> dict[str, float]:
    """Compile the spec in a file: seconds by stage and in all, lines of the module, and the most MB of memory."""
    import resource

    start = process_time()
    importlib.import_module("sympy")
    times = {"importing SymPy": process_time() - start}
    from symnet.compile import compile_spec, load

    stage, since = "", start

    def progress(name: str) -> None:
        nonlocal stage, since
        now = process_time()
        if stage:
            times[stage] = now - since
        stage, since = name, now

    values = {name: Fraction(value) for name, value in constants.items()}
    found = compile_spec(load(path), check=check, constants=values, progress=progress)
    progress("")
    times["in all"] = process_time() - start
    times["lines"] = found.source.count("\n")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    times["MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return times


# --- all of them ---


def in_a_process(job: Job) -> dict[str, float]:
    """What `measured` says in a fresh process."""
    command = [sys.executable, __file__, "--one", json.dumps([str(job.spec), dict(job.constants), job.check])]
    threads = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, **threads})
    if done.returncode:
        raise SystemExit(done.stderr)
    times: dict[str, float] = json.loads(done.stdout)
    return times


def row(title: str, times: dict[str, float]) -> None:
    """Print one line of the table."""
    stages = "".join(f"{times.get(stage, 0):>10.2f}" for stage in STAGES)
    print(f"{title:40}{stages}{times['in all']:>10.2f}{times['lines']:>9,.0f}{times['MB']:>7.0f}", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", metavar="TEXT", help="measure the rows with this in their titles")
    parser.add_argument("--one", metavar="JSON", help="measure one spec in this process, as JSON")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if options.one:
        print(json.dumps(measured(*json.loads(options.one))))
        return
    head = "".join(f"{word:>10}" for word in ("SymPy", "resolve", "derive", "emit", "check", "in all"))
    print(f"{'seconds':40}{head}{'lines':>9}{'MB':>7}")
    with TemporaryDirectory() as folder:
        chain = Path(folder, "chain.sym")
        chain.write_text(CHAIN, encoding="utf-8")
        for job in jobs(chain):
            if options.only in job.title:
                row(job.title, in_a_process(job))


if __name__ == "__main__":
    main()
