"""How long compiling takes, and where the time goes: `python benchmarks/compile_time.py`.

Every measurement is a process of its own. The goals: the digits example with its check under 3 s, a chain of 1,000
dense layers under 60 s, time that grows in proportion to the depth, and none that depends on the width.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]
CHAIN = """network chain
const depth = {depth}
const width = {width}
input x[N, width]
h{{0}}[n, i] = x[n, i]
for l in 1..depth+1:
    h{{l}} = dense(h{{l-1}}, width, activation=tanh)
output h{{depth}}
minimize mean(n, i: h{{depth}}[n, i]**2)
"""


STAGES = ("importing SymPy", "resolving", "differentiating", "emitting", "checking")


# --- in a process of its own ---


def measured(path: str, check: bool) -> dict[str, float]:
    """Compile the spec in a file: seconds by stage and in all, lines of the module, and the most MB of memory."""
    import resource

    start = perf_counter()
    importlib.import_module("sympy")
    times = {"importing SymPy": perf_counter() - start}
    from symnet.compile import compile_spec, load

    stage, since = "", start

    def progress(name: str) -> None:
        nonlocal stage, since
        now = perf_counter()
        if stage:
            times[stage] = now - since
        stage, since = name, now

    found = compile_spec(load(path), check=check, progress=progress)
    progress("")
    times["in all"] = perf_counter() - start
    times["lines"] = found.source.count("\n")
    unit = 2**20 if sys.platform == "darwin" else 2**10
    times["MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    return times


# --- all of them ---


def in_a_process(spec: Path, check: bool) -> dict[str, float]:
    """What `measured` says in a fresh process."""
    command = [sys.executable, __file__, "--one", str(spec), *([] if check else ["--no-check"])]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    times: dict[str, float] = json.loads(done.stdout)
    return times


def row(name: str, times: dict[str, float]) -> None:
    """Print one line of the table."""
    stages = "".join(f"{times.get(stage, 0):>10.2f}" for stage in STAGES)
    print(f"{name:28}{stages}{times['in all']:>10.2f}{times['lines']:>9,.0f}{times['MB']:>7.0f}", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--depths", type=int, nargs="*", default=[100, 300, 1000], help="layers of the chains")
    parser.add_argument("--widths", type=int, nargs="*", default=[10, 10_000], help="widths of a chain of three")
    parser.add_argument("--no-check", action="store_true", help="leave the gradient check out")
    parser.add_argument("--one", metavar="SPEC", help="measure one spec in this process, as JSON")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if options.one:
        print(json.dumps(measured(options.one, not options.no_check)))
        return
    head = "".join(f"{word:>10}" for word in ("SymPy", "resolve", "derive", "emit", "check", "in all"))
    print(f"{'seconds':28}{head}{'lines':>9}{'MB':>7}")
    digits = ROOT / "examples" / "digits_mlp.sym"
    row("examples/digits_mlp.sym", in_a_process(digits, not options.no_check))
    start = perf_counter()
    subprocess.run([sys.executable, "-m", "symnet", "compile", str(digits)], cwd=ROOT, check=True, capture_output=True)
    print(f"  as a command: {perf_counter() - start:.2f} s")
    chains = [(depth, 10, True) for depth in options.depths] + [(3, width, False) for width in options.widths]
    with TemporaryDirectory() as folder:
        for depth, width, check in chains:
            spec = Path(folder, "chain.sym")
            spec.write_text(CHAIN.format(depth=depth, width=width), encoding="utf-8")
            times = in_a_process(spec, check and not options.no_check)
            row(f"{depth} layers of width {width:,}", times)


if __name__ == "__main__":
    main()
